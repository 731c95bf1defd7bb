//! Who lives in the demo world: names, prices and the dice that decide who comes, grows and leaves.

/// A small generator with a fixed seed (splitmix64): the world is the same each time, whatever a library does.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// True in `percent` of a hundred throws.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `list`, which is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }
}

/// Name, price in cents a month, trial days: what the platform sells.
pub const PLATFORM_PLANS: &[(&str, i64, i64)] =
    &[("Starter", 4_900, 14), ("Basic", 14_900, 14), ("Premium", 49_900, 14), ("Enterprise", 199_000, 0)];

/// What the internet provider sells.
pub const FIBRE_PLANS: &[(&str, i64, i64)] =
    &[("Fibre 50", 2_900, 0), ("Fibre 100", 3_900, 0), ("Fibre 300", 5_900, 0), ("Business 500", 14_900, 30)];

/// Name, e-mail domain, country, index of its first plan, and in which of the 18 months it came.
pub const NAMED: &[(&str, &str, &str, usize, i32)] = &[
    ("Al Noor Schools", "alnoor.example", "AE", 3, 0),
    ("Nilewave Internet", "nilewave.example", "EG", 3, 0),
    ("Harbour Clinics", "harbour.example", "KE", 2, 1),
    ("Tidewater Fibre", "tidewater.example", "ZA", 2, 2),
    ("Northgate Broadband", "northgate.example", "GB", 2, 4),
    ("Cedar College", "cedar.example", "LB", 1, 5),
    ("Orchard Academy", "orchard.example", "US", 1, 17),
];

const FIRST: &[&str] = &[
    "Lumen", "Mosaic", "Kestrel", "Juniper", "Summit", "Harvest", "Beacon", "Meadow", "Atlas", "Coral", "Granite", "Willow", "Falcon",
    "Saffron", "Cobalt", "Maple", "Sierra", "Amber", "Delta", "Horizon",
];
const SECOND: &[&str] =
    &["Language School", "Therapy", "Wireless", "Academy", "Dental", "Networks", "Learning", "Clinic", "Telecom", "Institute"];
const COUNTRIES: &[&str] = &["US", "GB", "AE", "EG", "ZA", "KE", "IN", "DE", "FR", "NG"];
const GIVEN: &[&str] =
    &["Amina", "Omar", "Nadia", "Karim", "Salma", "Youssef", "Hana", "Tarek", "Mona", "Adel", "Layla", "Samir", "Rania", "Hassan", "Dina"];
const FAMILY: &[&str] = &["Farouk", "Mansour", "Saleh", "Hamdy", "Rizk", "Gaber", "Naguib", "Shahin", "Zaki", "Badawi", "Khalil", "Fouad"];

/// A business by number: name, domain, country.
pub fn business(n: usize, dice: &mut Dice) -> (String, String, &'static str) {
    let (first, second) = (FIRST[n % FIRST.len()], SECOND[(n * 7 + n / FIRST.len()) % SECOND.len()]);
    let domain =
        format!("{}{}.example", first.to_lowercase(), if n < FIRST.len() { String::new() } else { (n / FIRST.len() + 1).to_string() });
    (format!("{first} {second}"), domain, *dice.pick(COUNTRIES))
}

/// A household by number: name and e-mail address.
pub fn household(n: usize) -> (String, String) {
    let (given, family) = (GIVEN[n % GIVEN.len()], FAMILY[(n / GIVEN.len() + n) % FAMILY.len()]);
    (format!("{given} {family}"), format!("{}.{}{n}@mail.example", given.to_lowercase(), family.to_lowercase()))
}

/// Why people leave.
pub const REASONS: &[&str] = &["Too expensive", "Moved away", "Switched to another provider", "No longer needed", "Missing feature"];
