//! Questions of which each is another one.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// An instant at which orders changed, scattered over two years.
pub fn instant(number: usize, orders: i64) -> DateTime<Utc> {
    let minutes = scattered(number, orders) * (700 * 24 * 60) / orders;
    "2024-12-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// Some days, up to a month of them, of another time each time.
pub fn some_days(number: usize) -> String {
    let first = "2024-11-25".parse::<NaiveDate>().unwrap() + Days::new(number as u64 * 7_919 % 690);
    let last = first + Days::new(number as u64 % 31);
    format!("/logistics/orders?ordered_from={first}&ordered_to={last}")
}

/// A number of an order, scattered.
pub fn scattered(number: usize, orders: i64) -> i64 {
    i64::try_from(number).unwrap().wrapping_mul(7_919).rem_euclid(orders) + 1
}

/// One of several, another one each time.
pub fn one_of<T>(number: usize, several: &[T]) -> &T {
    &several[number % several.len()]
}

/// A filter, one of 720: statuses, a courier, a tab, linked or not, attention, and sorted by anything.
pub fn some_filter(number: usize) -> String {
    let number = number.wrapping_mul(7_919);
    let statuses = ["NEW", "PICKED", "ONHOLD", "CANCELLED", "DESPATCHED", "INVOICED"];
    let (one, other) = (one_of(number, &statuses), one_of(number / 6, &statuses));
    let condition = match number / 36 % 5 {
        0 => format!("status={one},{other}"),
        1 => format!("courier={}", one_of(number, &["Olva", "Shalom", "Royal Mail 24", "DPD Next Day"])),
        2 => format!("tab={}", one_of(number, &["in_warehouse", "on_the_way", "delivered", "closed"])),
        3 => format!("linked={}&status={one}", (number / 6).is_multiple_of(2)),
        _ => format!("attention={}&linked={}", number.is_multiple_of(2), (number / 2).is_multiple_of(2)),
    };
    let by = ["updated_at", "created_at", "ordered_at", "dispatched_at", "mintsoft_order_number", "status"];
    let (by, order) = (one_of(number / 180, &by), one_of(number / 1080, &["asc", "desc"]));
    let path = format!("/logistics/orders?{condition}&sort_by={by}&sort_order={order}");
    path.replace(' ', "%20")
}

/// Any conditions together, others each time: a text that few, many or all hold, days of any instant, facets, and sorted by anything.
pub fn some_combination(number: usize) -> String {
    let at = |salt: usize| number.wrapping_mul(7_919).wrapping_add(salt.wrapping_mul(104_729)) / (salt + 1);
    let texts = [
        "",
        "",
        "rosa",
        "lopez 1",
        "ladore-12",
        "ladore-123456",
        "cliente12",
        "serum-96",
        "jd0000",
        "123",
        "mar",
        "a1",
    ];
    let days = [
        "",
        "_from=2025-06-01&X_to=2025-06-01",
        "_from=2025-06-01&X_to=2025-06-30",
        "_from=2025-01-01&X_to=2025-12-31",
        "_from=2026-10-01",
        "_to=2025-01-31",
    ];
    let instants = ["ordered", "dispatched", "created", "updated"];
    let facets =
        ["", "", "&status=ONHOLD", "&status=DESPATCHED", "&courier=Olva", "&tab=on_the_way", "&linked=true"];
    let by = [
        "updated_at",
        "updated_at",
        "created_at",
        "ordered_at",
        "dispatched_at",
        "mintsoft_order_number",
        "status",
    ];
    let instant = one_of(at(1), &instants);
    let span = match *one_of(at(2), &days) {
        "" => String::new(),
        days => format!("&{instant}{}", days.replace('X', instant)),
    };
    let text = match *one_of(at(3), &texts) {
        "" => String::new(),
        text => format!("&search={}", text.replace(' ', "%20")),
    };
    format!("/logistics/orders?sort_by={}{text}{span}{}", one_of(at(4), &by), one_of(at(5), &facets))
}
