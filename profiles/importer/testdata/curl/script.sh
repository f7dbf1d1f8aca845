#!/bin/bash
# A smoke test as people write it.
BASE=https://api.example.test/v2
$ curl -sS $BASE/health -o /dev/null -w '%{http_code}'
curl -sSL --max-time 5 "$BASE/users/42?api_key=canary-query-key-1" -H "Authorization: Bearer $API_TOKEN" | jq .name
for i in 1 2 3; do
  curl -X DELETE "$BASE/users/43" -u admin:canary-basic-secret
done
curl --json '{"name": "Ann", "tags": ["a", "b"], "price": 1.50}' $BASE/users
curl -G $BASE/search --data-urlencode 'q=kettle & tea' -d page=1
curl -F 'title=My cat' -F 'photo=@/home/ann/cat.jpg;type=image/jpeg' $BASE/photos
curl -T report.bin $BASE/reports/7 --resolve api.example.test:443:127.0.0.1 -k
curl -I https://api.example.test/v2/health
curl --data-binary @order.xml -H 'Content-Type: application/xml' $BASE/orders
curl 'https://ann:canary-url-password@api.example.test/v2/private?literal=${HOME}'
curl --data '<login><password>canary-xml-pw</password></login>' -H 'Content-Type: text/xml' $BASE/soap
curl --frobnicate $BASE/odd
