//! The ways to sign that this server knows. There is no `none`.

macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A way to sign that this server knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum SigningAlgorithm { $($(#[$doc])* $variant,)* }

        impl SigningAlgorithm {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in a token's `alg`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    Hs256 = "HS256",
    /// RSA PKCS #1 with SHA-256.
    Rs256 = "RS256",
    /// RSA PKCS #1 with SHA-384.
    Rs384 = "RS384",
    /// RSA PKCS #1 with SHA-512.
    Rs512 = "RS512",
    /// RSA-PSS with SHA-256.
    Ps256 = "PS256",
    /// RSA-PSS with SHA-384.
    Ps384 = "PS384",
    /// RSA-PSS with SHA-512.
    Ps512 = "PS512",
    /// ECDSA on P-256 with SHA-256.
    Es256 = "ES256",
    /// ECDSA on P-384 with SHA-384.
    Es384 = "ES384",
    /// Ed25519.
    EdDsa = "EdDSA",
}

impl SigningAlgorithm {
    /// The algorithm of that name, to the letter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// Whether whoever can check a signature can make one too.
    pub fn is_symmetric(self) -> bool {
        self == Self::Hs256
    }
}
