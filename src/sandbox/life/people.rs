//! Invented recipients in the United Kingdom and in Peru. Absent: anybody real.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::sandbox::order::Recipient;

const FIRST_NAMES: [&str; 12] = [
    "Ana", "Lucía", "Rosa", "Diego", "Martín", "Íñigo", "Emily", "Oliver", "Grace", "Thomas", "Aoife", "Zoë",
];
const LAST_NAMES: [&str; 12] = [
    "Quispe",
    "Ñahui",
    "Rojas",
    "Salazar",
    "Huamán",
    "Peña",
    "Sample",
    "Example",
    "O'Brien",
    "Whitfield",
    "Shaw",
    "Mc Lean",
];
/// Street, town, county, post code.
const BRITISH: [(&str, &str, &str, &str); 5] = [
    ("14 Sample Street", "Leeds", "", "LS1 1AA"),
    ("Flat 3, 22 Example Road", "London", "Greater London", "N1 9ZZ"),
    ("The Old Mill", "Hebden Bridge", "West Yorkshire", "HX7 8ZZ"),
    ("7 Harbour View", "Bristol", "", "BS1 4ZZ"),
    ("101 Invented Avenue", "Edinburgh", "Midlothian", "EH1 9ZZ"),
];
const PERUVIAN: [(&str, &str, &str, &str); 5] = [
    ("Av. Inventada 1450, dpto. 302", "Miraflores", "Lima", "15074"),
    ("Jr. Ejemplo 218", "Arequipa", "Arequipa", "04001"),
    ("Calle Los Álamos 77", "Trujillo", "La Libertad", "13001"),
    ("Mz. B Lt. 12, Urb. Las Flores", "San Juan de Lurigancho", "Lima", "15434"),
    ("Pasaje Muestra 9", "Cusco", "Cusco", "08002"),
];

/// A recipient; half of them in each country.
pub fn recipient(chance: &mut StdRng) -> Recipient {
    let mut pick = |count: usize| chance.random_range(0..count);
    let first = FIRST_NAMES[pick(FIRST_NAMES.len())];
    let last = LAST_NAMES[pick(LAST_NAMES.len())];
    let peru = pick(2) == 0;
    let places = if peru { &PERUVIAN } else { &BRITISH };
    let (street, town, county, post_code) = places[pick(places.len())];
    let digits = pick(900_000) + 100_000;
    let some = |text: &str| Some(text.to_owned());
    Recipient {
        title: None,
        first_name: some(first),
        last_name: some(last),
        company: None,
        address1: some(street),
        address2: if peru { some("Ref. frente al parque") } else { None },
        address3: None,
        town: some(town),
        county: some(county).filter(|county| !county.is_empty()),
        post_code: some(post_code),
        phone: Some(if peru { format!("+51 900 {digits}") } else { format!("07700 {digits}") }),
        mobile: None,
        email: Some(format!("cliente{digits}@example.com")),
        country: if peru { "PE" } else { "GB" }.to_owned(),
    }
}
