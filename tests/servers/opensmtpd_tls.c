/*
 * Lets Debian 12's OpenSMTPD finish a TLS handshake; loaded before it by tests/servers/opensmtpd.py.
 *
 * smtpd keeps its private keys in another process: it marks the key object that it got out of the
 * certificate, and its own RSA and EC methods send what is to be signed to that process. OpenSSL 3
 * hands out a copy of the key object, so the mark is lost and every handshake fails. Here the copy
 * is put back into the certificate's key, which is what OpenSSL 1.1 did by itself.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

extern int EVP_PKEY_set1_RSA(void *, void *);
extern int EVP_PKEY_set1_EC_KEY(void *, void *);

static void *
kept(const char *get1, int (*set1)(void *, void *), void *pkey)
{
	void *(*real)(void *) = (void *(*)(void *))dlsym(RTLD_NEXT, get1);
	void *key = real(pkey);

	if (key != NULL)
		set1(pkey, key);
	return key;
}

void *
EVP_PKEY_get1_RSA(void *pkey)
{
	return kept("EVP_PKEY_get1_RSA", EVP_PKEY_set1_RSA, pkey);
}

void *
EVP_PKEY_get1_EC_KEY(void *pkey)
{
	return kept("EVP_PKEY_get1_EC_KEY", EVP_PKEY_set1_EC_KEY, pkey);
}
