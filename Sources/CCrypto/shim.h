// libcrypto, OpenSSL's library, of which Cryptography uses the hashes and the public keys.
#ifndef RULE_OUTCOMES_CCRYPTO_H
#define RULE_OUTCOMES_CCRYPTO_H

// SHA256_Init and its like are deprecated since OpenSSL 3.0, in favour of contexts that are allocated for each message and
// looked up by name. These here are plain structs: they stand on the stack, and a copy of one goes on from the same place.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

// A public key of this kind ("EC", "RSA") from its parameters; NULL when there is none.
//
// It stands here for the two below, which are C because an OSSL_PARAM points to what it is made of without keeping that
// alive: in Swift each would need a closure within the one before.
static inline EVP_PKEY *crypto_public_key(const char *kind, OSSL_PARAM *parameters) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (context != NULL && EVP_PKEY_fromdata_init(context) > 0) {
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

// An EC key from a point in any form of SEC 1, on the curve of this name.
static inline EVP_PKEY *crypto_ec_key(const char *curve, const unsigned char *point, size_t size) {
    // The parameters are only read, but may be written to elsewhere, so that their type has no const.
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, size),
        OSSL_PARAM_construct_end(),
    };
    return crypto_public_key("EC", parameters);
}

// An RSA key from its two numbers, the most significant byte first.
static inline EVP_PKEY *crypto_rsa_key(
    const unsigned char *modulus, size_t modulus_size, const unsigned char *exponent, size_t exponent_size) {
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_size, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *key = NULL;
    if (n != NULL && e != NULL && builder != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e)) {
        parameters = OSSL_PARAM_BLD_to_param(builder);
    }
    if (parameters != NULL) {
        key = crypto_public_key("RSA", parameters);
    }
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    BN_free(n);
    return key;
}

#endif
