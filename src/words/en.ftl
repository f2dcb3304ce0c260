# What people read, in English. Every message stands in es.ftl too.

## Numbers and dates

count-orders = { $count ->
    [one] { $count } order
   *[other] { $count } orders
}
moment-month = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
moment-day = { $day } { $month } { $year }
moment-day-time = { $day }, { $time }
moment-age-now = just now
moment-age-minutes = { $count } min ago
moment-age-hours = { $count } h ago
moment-age-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}

## Problems, by their code: what happened, and what to do

problem-not_found = There is nothing under this address; the API begins with /api/v1.
