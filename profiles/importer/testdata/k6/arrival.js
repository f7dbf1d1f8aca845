import http from 'k6/http';
import { check, sleep } from 'k6';

// http.get('https://commented.example.test/never')
const BASE_URL = __ENV.BASE_URL || 'https://api.example.test';
const params = { headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${__ENV.API_TOKEN}` } };
const RATE = 50;

export const options = {
  discardResponseBodies: true,
  insecureSkipTLSVerify: true,
  scenarios: {
    browse: {
      executor: 'ramping-arrival-rate', // opens the shop
      startRate: 10, timeUnit: '1s',
      preAllocatedVUs: 50,
      maxVUs: 200,
      stages: [
        { target: 200, duration: '2m' },
        { target: 200, duration: '5m30s' },
        { target: 0, duration: '30s' },
      ],
      exec: 'browse',
    },
    'spike': {
      executor: "constant-arrival-rate",
      rate: RATE, duration: 60 * 1000, startTime: '3m', preAllocatedVUs: 20,
    },
  },
  thresholds: {
    http_req_duration: ['p(95)<500', { threshold: 'p(99)<1500', abortOnFail: true }],
    http_req_failed: ['rate<0.01'],
  },
};

export function browse() {
  const res = http.get(`${BASE_URL}/products?page=1`, params);
  check(res, { 'status was 200': (r) => r.status == 200 });
  sleep(1);
  const payload = JSON.stringify({
    sku: 'A-1', qty: 2, password: 'canary-k6-password', user: `user-${__VU}`,
  });
  http.post(BASE_URL + '/cart', payload, params);
  sleep(Math.random() * 3);
  http.del(`${BASE_URL}/cart/${res.json('id')}`);
  http.post(`${BASE_URL}/login`, { user: 'ann', password: 'canary-k6-form' });
  http.batch([['GET', BASE_URL]]);
}
