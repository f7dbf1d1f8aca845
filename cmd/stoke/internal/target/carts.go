package target

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
)

// maxCarts is how many carts are remembered; the oldest are forgotten.
const maxCarts = 1 << 18

// sessionCookie is the name of the cookie that a cart is opened with.
const sessionCookie = "session"

// carts are the baskets that POST /carts opens. A cart belongs to the session
// whose cookie came with it.
type carts struct {
	seed uint64

	mu    sync.Mutex
	last  int64   // number of the newest cart
	items []int32 // of cart n at n modulo maxCarts
}

// open opens a cart and returns its number.
func (c *carts) open() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	at := int(c.last % maxCarts)
	for len(c.items) <= at {
		c.items = append(c.items, 0)
	}
	c.items[at] = 0
	return c.last
}

// use adds so many items to a cart, for the session that opened it, and returns
// how many are in it. The status says what is wrong otherwise: 401 without the
// cookie, 404 when the cart is unknown.
func (c *carts) use(number string, r *http.Request, add int32) (items int32, status int) {
	n, err := strconv.ParseInt(number, 10, 64)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || n < 1 || n > c.last || n <= c.last-maxCarts {
		return 0, http.StatusNotFound
	}
	if cookie, err := r.Cookie(sessionCookie); err != nil || cookie.Value != c.session(n) {
		return 0, http.StatusUnauthorized
	}
	at := n % maxCarts
	c.items[at] += add
	return c.items[at], http.StatusOK
}

// session is the secret of a cart. It is derived, so that none is kept.
func (c *carts) session(n int64) string {
	return strconv.FormatUint(rand.NewPCG(c.seed, uint64(n)).Uint64()|1<<63, 16)
}
