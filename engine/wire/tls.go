package wire

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// tlsConfig is how TLS is spoken to a host.
func tlsConfig(cfg Config, host string) (*tls.Config, error) {
	c := &tls.Config{
		ServerName:         host,
		InsecureSkipVerify: cfg.Insecure,
		NextProtos:         []string{"http/1.1"},
		MinVersion:         cfg.MinTLS,
		MaxVersion:         cfg.MaxTLS,
	}
	if cfg.ServerName != "" {
		c.ServerName = cfg.ServerName
	}
	if lowest := cmp.Or(cfg.MinTLS, tls.VersionTLS12); cfg.MaxTLS != 0 && lowest > cfg.MaxTLS {
		return nil, fmt.Errorf("tls: the lowest version, %s, is above the highest, %s", tls.VersionName(lowest), tls.VersionName(cfg.MaxTLS))
	}
	if !cfg.NoResume {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	if len(cfg.CA) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(cfg.CA) {
			return nil, errors.New("ca: no certificate in PEM form found")
		}
		c.RootCAs = roots
	}
	if (len(cfg.Cert) == 0) != (len(cfg.Key) == 0) {
		return nil, errors.New("client certificate: the certificate and its key belong together: name both files, one file may hold both")
	}
	if len(cfg.Cert) > 0 {
		pair, err := tls.X509KeyPair(cfg.Cert, cfg.Key)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		// Given to whoever asks: a server that would refuse it is to say so.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return c, nil
}

// handshake speaks TLS on s and sends its last flight, so that T4 is the
// request's alone.
func (x *exchange) handshake(s *socket) Fault {
	c, t := x.c, x.c.t
	start := c.now()
	c.tls = tls.Client(s, t.tls)
	err := c.tls.Handshake()
	if err == nil {
		err = s.flush()
	}
	x.res.TLS = c.now() - start
	if c.killed() {
		return x.killed(TLSTimeout)
	}
	if err != nil {
		s.farewell() // the alert that says why
		fault, detail := tlsFault(err)
		return x.fault(fault, "%s", detail)
	}
	state := c.tls.ConnectionState()
	if x.res.Resumed = state.DidResume; state.DidResume {
		t.resumed.Add(1)
	} else {
		t.full.Add(1)
	}
	spoken := "HTTP/1.1, " + tls.VersionName(state.Version) + " " + tls.CipherSuiteName(state.CipherSuite)
	if t.Protocol() != spoken {
		t.protocol.Store(&spoken)
	}
	return None
}

// tlsFault classifies an error of a handshake.
func tlsFault(err error) (Fault, string) {
	var (
		host   x509.HostnameError
		cert   *tls.CertificateVerificationError
		header tls.RecordHeaderError
		op     *net.OpError
	)
	switch {
	case errors.As(err, &host):
		return TLSHostname, err.Error()
	case errors.As(err, &cert):
		return TLSCertificate, err.Error()
	case errors.As(err, &header):
		if string(header.RecordHeader[:]) == "HTTP/" {
			return TLSProtocol, "the target speaks plain HTTP on this port: write http://"
		}
		return TLSProtocol, fmt.Sprintf("the target does not speak TLS: it begins with %s", clean(header.RecordHeader[:]))
	case errors.As(err, &op) && op.Op == "remote error":
		return TLSAlert, err.Error()
	}
	if kindOf(err) == ended {
		return TLSProtocol, "connection closed in the handshake"
	}
	return TLSProtocol, "in the handshake: " + err.Error()
}
