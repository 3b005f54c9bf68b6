/// Secrets, and tokens that were signed with them elsewhere (by Python's `hmac`), so that signing and verifying have
/// nothing in common.
enum TestTokens {
    static let secret = "the secret of the tests' site, which is long enough for HS256"
    static let otherSecret = "the secret of another site, which is long enough for HS256 too"

    /// HS256 under ``secret``; the claims are `{"sub":"reader"}`.
    static let good =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyZWFkZXIifQ.eciIRqKDNRN0ejfDlSLG3ocfMz2ntRBsY4vNThStSQk"
    /// The same under ``otherSecret``.
    static let other =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyZWFkZXIifQ.Cwx57TDA63r0wTFY_nhRdxRdGmTRb96xLW1I-aZhkVM"
    /// Under ``secret``, with the claim `exp` in the year 2001.
    static let expired =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyZWFkZXIiLCJleHAiOjEwMDAwMDAwMDB9"
        + ".0zBF_6egP3NwuEOPddOwy6hzXQedt6QOvzZ1r7qNOSI"
    /// With the algorithm `none` and no signature.
    static let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJyZWFkZXIifQ."
}
