package target

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// product is one thing the shop sells.
type product struct {
	ID    int     `json:"id"`
	Name  string  `json:"name"`
	Price float64 `json:"price"`
}

// shop holds the products, what clients have made in it, and the answers that
// never change.
type shop struct {
	products []product
	jobs     *jobs
	carts    carts

	home, list, health, cart, checkout, missing, noSession, tooManyJobs answer
}

func newShop(c *Config) *shop {
	kinds := [...]string{"lamp", "chair", "table", "shelf", "clock"}
	s := &shop{products: make([]product, 20), jobs: newJobs(c), carts: carts{seed: c.Seed}}
	for i := range s.products {
		id := i + 1
		s.products[i] = product{ID: id, Name: fmt.Sprintf("%s %d", kinds[id%len(kinds)], id), Price: float64(5+id*7%90) + 0.99}
	}
	s.home = answer{status: 200, body: text(map[string]any{"shop": "stoke",
		"paths": []string{"/products", "/products/{id}", "/search?q=", "/cart", "/checkout",
			"/carts", "/carts/{id}/items", "/carts/{id}/checkout", "/process", "/jobs/{id}", "/health"}})}
	s.list = answer{status: 200, body: text(s.products)}
	s.health = answer{status: 200, body: text(map[string]string{"status": "ok"}), free: true}
	s.cart = answer{status: 201, body: text(map[string]string{"cart": "c1"})}
	s.checkout = answer{status: 200, body: text(map[string]string{"order": "o1", "state": "paid"}), slower: 3}
	s.missing = answer{status: 404, body: text(map[string]string{"error": "not found"})}
	s.noSession = answer{status: 401, body: text(map[string]string{"error": "this cart belongs to another session"})}
	s.tooManyJobs = answer{status: 503, body: text(map[string]string{"error": "too many jobs wait"}), wait: time.Second}
	return s
}

// answer says what to answer to r, once it is worked on.
func (s *shop) answer(r *http.Request) answer {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	posts := r.Method == http.MethodPost
	switch path := r.URL.Path; {
	case path == "/" && reads:
		return s.home
	case path == "/products" && reads:
		return s.list
	case path == "/search" && reads:
		return s.search(r.URL.Query().Get("q"))
	case path == "/cart" && posts:
		return s.cart
	case path == "/checkout" && posts:
		return s.checkout
	case path == "/health" && reads:
		return s.health
	case path == "/process" && posts:
		return answer{late: s.process}
	case strings.HasPrefix(path, "/jobs/") && reads:
		return answer{late: func(now time.Duration) answer { return s.job(strings.TrimPrefix(path, "/jobs/"), now) }}
	case path == "/carts" && posts:
		return answer{late: s.openCart}
	case strings.HasPrefix(path, "/carts/") && posts:
		number, verb, _ := strings.Cut(strings.TrimPrefix(path, "/carts/"), "/")
		switch verb {
		case "items":
			return answer{late: func(time.Duration) answer { return s.addItem(number, r) }}
		case "checkout":
			return answer{late: func(time.Duration) answer { return s.buy(number, r) }, slower: s.checkout.slower}
		}
	case strings.HasPrefix(path, "/products/") && reads:
		id, err := strconv.Atoi(strings.TrimPrefix(path, "/products/"))
		if err == nil && id >= 1 && id <= len(s.products) {
			return answer{status: 200, body: text(s.products[id-1])}
		}
	}
	return s.missing
}

// process queues a job and says where to ask for it.
func (s *shop) process(now time.Duration) answer {
	n, ok := s.jobs.add(now)
	if !ok {
		return s.tooManyJobs
	}
	id := strconv.FormatInt(n, 10)
	return answer{status: 202, location: "/jobs/" + id, body: text(map[string]string{"id": id, "status": "queued"})}
}

// job says how far a job is.
func (s *shop) job(id string, now time.Duration) answer {
	state, ok := s.jobs.state(id, now)
	if !ok {
		return s.missing
	}
	return answer{status: 200, body: text(map[string]string{"id": id, "status": state})}
}

// openCart opens a cart and a session for it.
func (s *shop) openCart(time.Duration) answer {
	n := s.carts.open()
	id := strconv.FormatInt(n, 10)
	cookie := http.Cookie{Name: sessionCookie, Value: s.carts.session(n), Path: "/", HttpOnly: true}
	return answer{status: 201, location: "/carts/" + id, cookie: cookie.String(), body: text(map[string]string{"id": id})}
}

// addItem puts something into a cart.
func (s *shop) addItem(number string, r *http.Request) answer {
	items, status := s.carts.use(number, r, 1)
	if status != http.StatusOK {
		return s.refuse(status)
	}
	return answer{status: 201, body: text(map[string]any{"id": number, "items": items})}
}

// buy checks a cart out.
func (s *shop) buy(number string, r *http.Request) answer {
	items, status := s.carts.use(number, r, 0)
	if status != http.StatusOK {
		return s.refuse(status)
	}
	return answer{status: 200, body: text(map[string]any{"id": number, "items": items, "order": "o" + number, "state": "paid"})}
}

func (s *shop) refuse(status int) answer {
	if status == http.StatusUnauthorized {
		return s.noSession
	}
	return s.missing
}

// search finds the products whose name contains q; all of them if it is empty.
func (s *shop) search(q string) answer {
	found := []product{}
	for _, p := range s.products {
		if strings.Contains(p.Name, q) {
			found = append(found, p)
		}
	}
	return answer{status: 200, body: text(map[string]any{"found": found})}
}

// text is v as a line of JSON.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // only for types that JSON cannot hold; none is used here
		return []byte("null\n")
	}
	return append(b, '\n')
}
