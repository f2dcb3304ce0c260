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

## The frame of every page

product-name = Logistics
skip-to-content = Skip to content
menu = Menu
nav-label = Sections
nav-orders = Orders
nav-admin = Platform
brand-switch = Brand: { $brand }. Change brand
language-label = Language
language-own-name = English
theme-label = Colours
theme-name = { $theme ->
    [light] Light
    [dark] Dark
   *[auto] Auto
}
role-name = { $role ->
    [SUPERADMIN] Platform staff
    [ADMIN] Administration
    [LOGISTICA] Logistics
    [VENTAS] Sales
    [AUDITOR] Audit
   *[VIEWER] Read only
}
sign-out = Sign out
offline = The server cannot be reached. What you see may be out of date; we keep trying.
copy-done = Copied
moment-both-zones = { $place }: { $shown } · Warehouse (London): { $warehouse }

## Errors

error-title = { $status ->
    [403] You may not do this
    [404] We cannot find that
    [409] That has changed already
    [422] Something needs correcting
    [429] Too many requests in a row
    [503] The service does not answer just now
   *[other] Something went wrong
}
error-unknown = Something went wrong on our side. It has been logged; try again in a moment.
try-again = Try again
back-to-orders = See the orders
request-id-label = If you write to us, mention this code:

## The list of orders

orders-title = Orders
orders-tabs-label = Views of orders
tab-name = { $tab ->
    [in_warehouse] In the warehouse
    [on_the_way] On the way
    [delivered] Delivered
    [attention] Needs attention
    [missing] Paid, not in warehouse
   *[all] All
}
search-label = Search orders
search-placeholder = Number, tracking, SKU or recipient
search-submit = Search
filter-status = Status
filter-courier = Courier
filter-dates = Dates
filter-apply = Apply
filter-clear = Clear
filter-clear-all = Clear filters
filter-remove = Remove the filter { $filter }
filter-any-courier = Any
filter-date-field = Date of
filter-date-field-name = { $field ->
    [dispatched_at] dispatch
    [updated_at] last change
    [created_at] first sight
   *[ordered_at] order
}
filter-from = From
filter-to = To
filter-chip-status = Status: { $status }
filter-chip-courier = Courier: { $courier }
filter-chip-search = “{ $search }”
filter-chip-dates = Date of { $field }: { $from } – { $to }
filter-chip-from = Date of { $field }: from { $from }
filter-chip-to = Date of { $field }: to { $to }
filter-none-yet = There are none yet
export = Export
export-csv = CSV of this view
export-xlsx = Excel of this view
column-order = Order
column-status = Status
column-courier = Courier
column-tracking = Tracking
column-dispatched = Dispatched
column-estimated = Delivery
column-shop-order = Shop
column-checked = Checked
column-sort = Sort by { $column }
orders-found = { $count ->
    [one] { $count } order
   *[other] { $count } orders
}
orders-found-at-least = More than { $count ->
    [one] { $count } order
   *[other] { $count } orders
}
at-least = { $count }+
missing-range = { $count ->
    [one] { $count } paid order that is not in the warehouse
   *[other] { $count } paid orders that are not in the warehouse
}
pages-label = Pages
page-next = Next
page-first = To the start
copy-tracking = Copy tracking { $number }
track-at-courier = Follow { $number } at the courier’s site (another tab)
not-yet = Not yet
none-told = Not told
late = Late
late-since = Late: was due on { $day }
late-dispatch = Late: was to leave on { $day }
late-news = Late: the courier has told nothing for long
delivered-on = Delivered on { $day }
part-of = Part { $part } of { $parts }
checked-title = Checked with the warehouse { $age } ({ $source })
source-name = { $source ->
    [poll] regular poll
    [recheck] recheck
    [refresh] refresh on opening
    [connect_action] notice of the warehouse
    [shop_webhook] notice of the shop
    [user] person
    [operator] platform staff
   *[other] { $source }
}
live-label = Updates by itself

empty-title-none = No orders yet
empty-text-none = When the warehouse takes in this brand’s first order, it shows up here by itself.
empty-title-filtered = No order matches
empty-text-filtered = Try another word, or remove a filter.
empty-title-attention = Nothing needs your attention
empty-text-attention = When an order gets stuck or is late, you will see it here.
empty-title-tab = No orders in this view
empty-text-tab = The others are under “All”.
see-all-orders = See all orders

## Paid, and not in the warehouse

missing-text = Orders paid in the shop that we cannot find in the warehouse. If they turn up later, they are linked by themselves.
missing-shop-order = Shop order
missing-since = Paid
missing-looked-for = Looked for as
missing-attempts = Attempts
missing-reason = Reason
missing-look-again = Look again
missing-looking = Looking…
missing-empty-title = Everything paid is in the warehouse
missing-empty-text = If a paid order does not reach the warehouse, you will see it here with the reason.
missing-asked = We are looking for { $order } again. If it is in the warehouse, it is linked in a few seconds.
missing-default-reason = It is not in the warehouse

## Statuses

warehouse-phase = { $phase ->
    [received] Received
    [waiting] Waiting
    [preparing] Being prepared
    [packed] Packed
    [stopped] Stopped
    [dispatched] Dispatched
    [cancelled] Cancelled
   *[unknown] Status unknown
}
carrier-phase = { $phase ->
    [pending] Awaiting the courier
    [info_received] Courier informed
    [in_transit] In transit
    [out_for_delivery] Out for delivery
    [attempt_failed] Delivery failed
    [available_for_pickup] Ready for pick-up
    [delivered] Delivered
    [exception] Problem
    [expired] No news
    [unknown] Scan not understood
   *[none] No courier
}
must-act = { $who ->
    [warehouse] The warehouse’s move
    [brand] Your move
    [carrier] The courier’s move
    [recipient] The recipient’s move
    [platform] The platform’s move
   *[nobody] Nothing is pending
}
attention = { $why ->
    [on_hold] The warehouse holds it back
    [order_failed] The warehouse could not take the order
    [out_of_stock] Out of stock
    [awaiting_confirmation] Waits for your confirmation
    [awaiting_documents] Waits for papers
    [awaiting_payment] Waits for a payment
    [awaiting_item] Waits for another item
    [query_raised] The warehouse has a question
    [fraud_risk] Marked as a risk of fraud
    [picking_skipped] Passed over while picking
    [awaiting_replenishment] The picking place is empty
    [cancelled_after_dispatch] Cancelled, and yet it has left
    [delivery_attempt_failed] The courier could not deliver
    [delivery_problem] The courier tells of a problem
    [recipient_moved] The recipient has moved
    [delivery_refused] The recipient refused it
    [customs_delay] Held by customs
    [delivery_delayed] The courier says it is late
    [payment_due] A charge must be paid
    [address_incorrect] Wrong address
    [pickup_missed] Not fetched in time
    [rejected_by_carrier] The courier would not take it
    [returning] On its way back
    [returned] Returned
    [damaged] Damaged
    [lost] Lost
    [carrier_silent] The courier tells no more
   *[other] Needs attention
}
status-raw = Status in the warehouse: { $status }

## Problems, by their code: what happened, and what to do

problem-not_found = There is nothing under this address; the API begins with /api/v1.
problem-page_unknown = There is no such page. Go on from the list of orders.
problem-sign_in_needed = Sign in, then open the page again.
problem-no_brand = No brand has been given to you yet. Ask the platform’s staff for it.
problem-form_outdated = The form is of an older page. Open the page again, then send it.
problem-form_invalid = The form could not be read. Open the page again, then send it.
problem-order_unknown = There is no such order, or it is another brand’s. Open it from the list of orders.
problem-role_not_allowed = Your role may not do this. Ask whoever administers your brand.
problem-database_away = The database does not answer just now. Try again in some seconds.
problem-timed_out = This took too long and was given up. Ask for less, or try again later.
problem-internal = Something went wrong on our side. It was logged; tell the platform’s staff the code.
