//! The people of the demo, as the provider knows them: a name, and nothing of what they may do.

/// Somebody who can sign in with a click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    /// How tokens name the person.
    pub sub: String,
    /// The name that others read.
    pub name: String,
    /// Where the person is reached.
    pub email: String,
    /// What the person shows in the demo, for whoever chooses.
    pub shows: String,
}

impl DemoPerson {
    fn of(sub: &str, name: &str, email: &str, shows: &str) -> Self {
        let [sub, name, email, shows] = [sub, name, email, shows].map(str::to_owned);
        Self { sub, name, email, shows }
    }

    /// One of each kind of reader.
    pub fn usual() -> Vec<Self> {
        vec![
            Self::of("demo|viewer", "Valeria Vera", "valeria@ladore.example", "VIEWER · Ladore"),
            Self::of("demo|logistica", "Lucía Lozano", "lucia@ladore.example", "LOGISTICA · Ladore"),
            Self::of("demo|admin", "Ana Díaz", "ana@kallpa.example", "ADMIN · Ladore, Kallpa"),
            Self::of("demo|superadmin", "Sergio Sáenz", "sergio@platform.example", "SUPERADMIN"),
            Self::of("demo|auditor", "Aurora Arce", "aurora@audit.example", "AUDITOR · Ladore, Kallpa"),
        ]
    }
}
