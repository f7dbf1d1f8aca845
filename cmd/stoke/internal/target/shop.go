package target

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// product is one thing the shop sells.
type product struct {
	ID    int     `json:"id"`
	Name  string  `json:"name"`
	Price float64 `json:"price"`
}

// shop holds the products and the answers that never change.
type shop struct {
	products []product

	home, list, health, cart, checkout, missing answer
}

func newShop() *shop {
	kinds := [...]string{"lamp", "chair", "table", "shelf", "clock"}
	s := &shop{products: make([]product, 20)}
	for i := range s.products {
		id := i + 1
		s.products[i] = product{ID: id, Name: fmt.Sprintf("%s %d", kinds[id%len(kinds)], id), Price: float64(5+id*7%90) + 0.99}
	}
	s.home = answer{status: 200, body: text(map[string]any{"shop": "stoke",
		"paths": []string{"/products", "/products/{id}", "/search?q=", "/cart", "/checkout", "/health"}})}
	s.list = answer{status: 200, body: text(s.products)}
	s.health = answer{status: 200, body: text(map[string]string{"status": "ok"}), free: true}
	s.cart = answer{status: 201, body: text(map[string]string{"cart": "c1"})}
	s.checkout = answer{status: 200, body: text(map[string]string{"order": "o1", "state": "paid"}), slower: 3}
	s.missing = answer{status: 404, body: text(map[string]string{"error": "not found"})}
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
	case strings.HasPrefix(path, "/products/") && reads:
		id, err := strconv.Atoi(strings.TrimPrefix(path, "/products/"))
		if err == nil && id >= 1 && id <= len(s.products) {
			return answer{status: 200, body: text(s.products[id-1])}
		}
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
