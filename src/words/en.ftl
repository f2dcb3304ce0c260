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
session-over = Your session is over. What you see is no longer updated.
session-over-unsent = Your session is over, and nothing was sent. What you wrote is still here: copy it before you leave this page.
offline = The server cannot be reached. What you see may be out of date; we keep trying.
unsent = The server cannot be reached: we do not know whether what you sent arrived. When you are back online, press the button again; it is not done twice.
copy-done = Copied
moment-both-zones = { $place }: { $shown } · Warehouse ({ $city }): { $warehouse }

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
error-title-outdated = This page is out of date
try-again = Try again
open-page-again = Open the page again
page-rate-limited = That was too much at once. Wait a few seconds, then try again.
page-key-reused = What you sent before may have arrived: look at the order's page. To send this as well, press again.
page-overloaded = The service answers all that it can for now. Try again in a few seconds.
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
    [closed] Closed
   *[all] All
}
search-label = Search orders
search-placeholder = Number, tracking, SKU or recipient
search-submit = Search
filter-status = Status
filter-courier = Courier
filter-dates = Dates
filter-apply = Apply
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
orders-newest-first = Latest changes first
column-sort = Sort by { $column }
orders-found = { $count ->
    [one] { $count } order
   *[other] { $count } orders
}
orders-found-at-least = At least { $count ->
    [one] { $count } order
   *[other] { $count } orders
}
at-least = { $count }+
missing-range = { $count ->
    [one] { $count } paid order that is not in the warehouse
   *[other] { $count } paid orders that are not in the warehouse
}
missing-looking-more = { $count ->
    [one] and { $count } being looked for
   *[other] and { $count } being looked for
}
pages-label = Pages
page-next = Next
page-first = To the start
page-previous = Previous
page-left-title = This page is empty by now
page-left-text = What it showed went to another page, or left this view. Go on from the start of the list.
copy-tracking = Copy tracking { $number }
track-at-courier = Follow { $number } at the courier’s site (another tab)
not-yet = Not yet
none-told = Not given
late-since = Late: was due on { $day }
late-dispatch = Late: was to leave on { $day }
late-news = Late: no news from the courier for 30 days
part-of = Part { $part } of { $parts }
checked-title = Checked with the warehouse { $age } ({ $source })
source-name = { $source ->
    [poll] regular check
    [recheck] recheck
    [refresh] refresh on opening
    [connect_action] notice from the warehouse
    [shop_webhook] notice from the shop
    [user] a request on the page or over the API
    [operator] platform staff
    [clock] check of due dates
   *[other] { $source }
}
live-label = Live

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
missing-since = Heard of
missing-looked-for = Looked for as
missing-attempts = Attempts
missing-reason = Reason
missing-look-again = Look again
missing-looking = Looking…
missing-do = What to do
missing-choose = Link by hand
missing-choose-number = Number of the warehouse order that fulfils { $order }
missing-choose-hint = Give the whole number, as “All” shows it, or paste the address of the order’s page. If it is linked to another shop order already, that one loses its link.
missing-choose-do = Link
missing-choosing = We are linking { $order } to the order that you chose. It leaves this list in a few seconds.
missing-chosen = { $order } is linked to the order that you chose.
missing-undone = You undid the link of { $order }. Link it by hand to the order that fulfils it, or have it looked for again.
missing-empty-title = Everything paid is in the warehouse
missing-empty-text = If a paid order does not reach the warehouse, you will see it here with the reason.
missing-asked = We are looking for { $order } again. If it is in the warehouse, it is linked in a few seconds.
missing-found = { $order } is in the warehouse, and is linked.
reason = { $why ->
    [not_there] The warehouse has no order with this number yet.
    [not_tied] The warehouse order of this number fulfils another shop order.
    [set_aside] The warehouse order of this number is set aside. The platform’s staff decide about it first.
    [copied] The warehouse order of this number is a copy; only a person links a copy.
    [undone] This link was undone before; only the platform or a person makes it again.
    [not_unique] Several warehouse orders carry this number, so none was chosen.
    [not_asked] The warehouse could not be asked. It is tried again by itself.
    [vanished] The warehouse order that fulfilled it is gone; the one that replaced it is looked for.
    [link_undone] The link was undone.
    [undone_open] The link was undone. Say which warehouse order fulfils it, or have it looked for again.
    [unlinked] The warehouse order that fulfilled it was linked to another shop order; we look for it again.
    [asked_again] A person asked to look again.
    [withheld] What the warehouse shows names another brand than the history does.
    [replaced] Replaced by a link that the platform or a person made.
    [overruled] A person said meanwhile which order fulfils it, or that none does.
    [dispatched] The order has left the warehouse and can no longer be cancelled.
    [undecided] It is not settled which brand the order is of. The platform’s staff decide that first.
    [removed] The warehouse removed the personal data while it was not settled which brand the order is of.
    [person_erased] The personal data of this order was erased; nothing can be asked of it any more.
    [gone] The order is no longer in the warehouse’s system.
    [not_json] The message broke off, or it is not JSON.
    [no_object] The message is JSON, but no order.
    [no_id] The order has no id that can be read.
    [no_name] The order has neither a name nor a number that can be read.
    [given_up] It was tried several times and did not work.
    [no_attempt] No attempt is left.
    [panicked] The program failed; the service’s log says why.
    [too_slow] It took longer than allowed.
    [configured_anew] The account was configured anew while it was read; it is read again from the beginning.
    [switched_off] No brand of the account is switched on any more; what was not read yet is read once one is.
    [worker_gone] The program that did it stopped before it was done.
    [not_permitted] Mintsoft does not permit this call: give its user the permission, or change the credentials.
    [wrong_login] Mintsoft refuses the user name or the password. Change the credentials.
    [throttled] Mintsoft asks to wait.
    [out_of_calls] The account has used up its calls to Mintsoft for now.
    [out_of_reach] Mintsoft could not be reached.
    [no_answer] Mintsoft did not answer in time.
    [silent] Mintsoft has not answered for a while.
    [login_pending] We are still signing in at Mintsoft.
    [too_large] Mintsoft’s answer is longer than what is accepted.
    [unknown_there] Mintsoft does not have it; it may have been merged with another.
    [broken_answer] Mintsoft answered something unexpected. Check the address of the account.
    [broken_list] Mintsoft’s list moved while it was read. Nothing was skipped.
    [no_reason] The warehouse does not say why.
    [bad_address] The address of Mintsoft cannot be used. Check the account.
    [no_tls] The service cannot open secure connections (TLS) on this machine.
    [unknown_account] The account is not configured any more. Configure the brand’s logistics again.
    [database_away] The database could not be reached.
    [not_reached] The warehouse could not be reached in time, and nothing was done. Ask again later.
    [answer_lost] The warehouse’s answer was lost, and what was done is not known. The platform’s staff look into it.
    [note_not_shown] The answer was lost, and the warehouse does not show us internal notes. Look in its system whether it was written.
    [asked_in_vain] The warehouse was asked twice and did not do it; its answers were lost. Ask the warehouse.
    [answer_erased] The answer was lost and the words were erased: whether they were written is not known.
    [not_done] The warehouse did not do it after several attempts. A person decides.
   *[other] It is not in the warehouse.
}
missing-default-reason = It is not in the warehouse
missing-search-placeholder = Shop order, or number looked for
missing-none-title = No paid order that is missing matches “{ $search }”
missing-none-text = Check the number. If the order is in the warehouse by now, you will find it under “All”.
missing-search-all = Search in “All”

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
    [awaiting_confirmation] Waiting for your confirmation
    [awaiting_documents] Waiting for documents
    [awaiting_payment] Waiting for a payment
    [awaiting_item] Waiting for another item
    [query_raised] The warehouse has a question
    [fraud_risk] Marked as a fraud risk
    [picking_skipped] Passed over while picking
    [awaiting_replenishment] The picking place is empty
    [cancelled_after_dispatch] Cancelled, but it had already left
    [delivery_attempt_failed] The courier could not deliver
    [delivery_problem] The courier reports a problem
    [recipient_moved] The recipient has moved
    [delivery_refused] The recipient refused it
    [customs_delay] Held by customs
    [delivery_delayed] The courier says it is late
    [payment_due] A charge must be paid
    [address_incorrect] Wrong address
    [pickup_missed] Not collected in time
    [rejected_by_carrier] The courier would not take it
    [returning] On its way back
    [returned] Returned
    [damaged] Damaged
    [lost] Lost
    [carrier_silent] The courier stopped reporting
    [late_dispatch] It should have left the warehouse
    [late_delivery] It should have arrived
    [late_news] No news from the courier for 30 days
   *[other] Needs attention
}
attention-do = { $why ->
    [on_hold] Ask the warehouse why, under “Write to the warehouse”.
    [out_of_stock] Send stock to the warehouse, or cancel the order.
    [awaiting_confirmation] Confirm it under “Write to the warehouse”.
    [awaiting_documents] Send the warehouse the missing documents.
    [awaiting_payment] Settle the payment with the warehouse.
    [query_raised] Read the comments, and answer the warehouse.
    [fraud_risk] Confirm that it is a real order, or cancel it.
   *[other] Write to the warehouse to settle it.
}
status-raw = Status in the warehouse: { $status }
## Problems of the API, by their code: what happened, and what to do

problem-account_unknown = There is no such account. Look at the list of accounts.
problem-key_unknown = There is no such key, or it was revoked before.
problem-letter_erased = Its body was erased a while after it was dismissed: nothing is left to try again.
problem-letter_not_dead = It is not given up any more, or other work does the same. Look at the list again.
problem-letter_unknown = There is no such failed message. Look at the list again.
problem-origin_foreign = This page may not open the live stream. Open it from a page of the service.
problem-own_access = Nobody takes their own access away. Ask another of the platform's staff.
problem-parked_order_nameless = The row does not say which order it is. Correct it in the warehouse, or dismiss it.
problem-parked_order_unknown = There is no such order without an owner. Look at the list again.
problem-person_exists = That person is registered already.
problem-position_ahead = The position lies beyond the end. Begin the stream without one.
problem-position_invalid = The position cannot be read. Send the last one that you got.
problem-streams_too_many = Too many streams are open. Close one, or try again later.
problem-upgrade_invalid = The connection cannot be opened like that. Open a WebSocket as the standard says.
problem-bearer_not_accepted = People's tokens are not taken here. Send a key in X-API-Key.
problem-body_broken = The body did not arrive whole. Send it again.
problem-body_invalid = The body cannot be used.
problem-body_not_json = The body is not JSON. Send JSON, with the header Content-Type: application/json.
problem-body_slow = The body took too long to arrive. Send it again.
problem-body_too_deep = The body has more than 32 levels. Send a flatter one.
problem-body_too_large = The body is larger than is taken here.
problem-cancellation_refused = The order cannot be cancelled as it stands.
problem-comment_refused = The comment cannot be written on this order.
problem-order_dispatched = It has left the warehouse, so it can no longer be cancelled.
problem-order_cancelled = The order is cancelled already.
problem-order_vanished = The order is no longer in the warehouse’s system.
problem-order_withheld = It is not settled whose order this is; the platform’s staff decide that first.
problem-order_erased = The personal data of this order was erased; nothing can be asked of it any more.
problem-order_refused = The order does not allow this as things stand. Look at it again.
problem-cancellation_pending = An earlier cancellation is not settled yet.
problem-document_too_large = The document is larger than is taken here.
problem-not_sealed_yet = This is not sealed yet. What is new joins the log at the next sealing: try again then.
problem-dossier_too_long = The order has more events than a dossier holds. Ask the platform’s staff to verify the whole ledger.
problem-ledger_damaged = Events or hashes that were sealed are missing here or cannot be read, so this cannot be proved. Tell the platform’s staff.
problem-document_unknown = There is no such document of the order. Look at the list of its documents.
problem-credential_ambiguous = Two credentials came along. Send one: X-API-Key or Authorization.
problem-credential_invalid = The credential is not valid. Ask for a new one.
problem-credential_missing = No credential came along. Send a key in the header X-API-Key.
problem-cursor_invalid = The cursor cannot be read. Begin the list anew.
problem-cursor_of_other_list = The cursor is of a list with other filters. Begin this list anew.
problem-exports_busy = Too many exports are being made at once. Try again in a moment.
problem-metrics_local_only = The metrics are read on this machine alone. Set LEDGER_METRICS_TOKEN to read them from elsewhere.
problem-metrics_token_unset = The service has a public address, so its metrics ask for a token. Set LEDGER_METRICS_TOKEN.
problem-metrics_token_invalid = The token for the metrics is missing or not valid.
problem-overloaded = The service answers all that it can for now. The header Retry-After says when to go on.
problem-worker_silent = The background work does not go on. The service's log says why.
problem-field_invalid = A field cannot be used.
problem-headers_too_large = The headers are larger than 32 KiB together. Send fewer.
problem-idempotency_key_invalid = The Idempotency-Key cannot be used. Send 1 to 255 letters, digits or signs, without spaces.
problem-idempotency_key_reused = That Idempotency-Key was used with another body or for another order. Use a fresh one for each request that differs.
problem-ledger_away = This could not be stored for now. Try again in some seconds.
problem-logistics_config_exists = The tenant has a logistics configuration already. Change it with PATCH.
problem-method_not_allowed = This address does not take that method. The header Allow says which it takes.
problem-migrations_missing = The database's tables are older than this build. Run `ledger migrate`.
problem-not_kept = The delivery could not be kept just now. Send it again.
problem-order_id_taken = That number stands for another order of this brand already. Check the number.
problem-person_inactive = Your access is switched off. Ask whoever administers your brand.
problem-person_unknown = That person is not known here. The platform's staff gives access.
problem-provider_away = The identity provider does not answer for now. Try again in some seconds.
problem-query_invalid = The query cannot be used.
problem-rate_limited = You ask faster than is allowed. The header Retry-After says when to go on.
problem-shop_unknown = There is no such shop. Check the tenant's number in the address, and that the shop's webhook secret was given.
problem-signature_invalid = The signature is missing or does not fit the body. Check that the secret is the one that signs this webhook.
problem-sources_away = The warehouse cannot be asked for now. Try again.
problem-sync_disabled = The tenant's sync is switched off. Set sync_enabled in its logistics-config first.
problem-sync_under_way = A sync is under way already. Look at the one that run_id names.
problem-tenant_id_missing = Say which tenant you mean: add tenant_id= to the query.
problem-tenant_inactive = The tenant of this credential is switched off. Ask the platform's staff.
problem-tenant_switched_off = The tenant is switched off, so nothing is read for it. Set its is_active first.
problem-tenant_unknown = There is no such tenant, or it is not yours. Check its number.
problem-token_invalid = The address carries no token that was given out for this account, order and event.
problem-uri_too_long = The address is longer than 8 KiB. Ask for fewer filters at once.

misread-field = Check { $field }.
form-field = { $field ->
    [name] Check the name: up to 200 characters.
    [slug] Check the short name: small letters, digits and single hyphens.
    [timezone] Check the time zone: the present name of a place, like America/Lima, no abbreviation.
    [id] Check the number.
    [tenant_id] Choose the brand, or check its number.
    [api_url] Check the address of Mintsoft: it begins with https:// and is public.
    [credentials] Check the credentials: a user with its password, or a fixed key alone.
    [sku_prefix] Check the SKU prefix: letters, digits and hyphens.
    [shared_client_id] Check the client: its number in Mintsoft, or nothing.
    [webhook_secret] Check the secret of the webhook.
    [reason] Write the reason.
    [comment] Check the comment: 1 to 1000 characters.
    [role] Choose a role that exists, and a brand if the role needs one.
    [label] Check what it is for: up to 200 characters.
    [expires_at] Check until when it is good.
    [days] Check the days: 1 to 3650, or nothing.
    [email] Check the e-mail.
    [sub] Check the id at the provider.
   *[other] Check { $field }.
}
misread-beside = { $field } does not go together with { $other }; send one of the two.
misread-missing = { $field } is missing.
misread-no-object = Send { $expected }.
misread-parameters = Send up to { $most } parameters.
misread-repeated = { $field } stands there twice; send it once.
misread-unknown = { $field } is not known here; known are { $known }.
misread-unknown-none = { $field } is not known here; none is taken.
misread-value = { $field }: send { $expected }.
misread-syntax = The error is at line { $line }, column { $column }.
expected-between = a whole number from { $least } to { $most }
expected-at-least = a whole number from { $least } on
expected-calendar-day = a day between the years 1 and 9999, such as 2026-11-23
expected-calendar-instant = an instant between the years 1 and 9999, such as 2026-11-23T04:24:52Z
expected-day = a day, such as 2026-11-23
expected-false-true = true or false
expected-instant = an instant, such as 2026-11-23T04:24:52Z
expected-list = a list, such as []
expected-no-later = a day that does not come after { $other }
expected-number = a number
expected-object = an object, such as {"{}"}
expected-one-of = one of { $known }
expected-some-of = one or more of { $known }, set apart by commas
expected-terms = up to { $most } names or numbers
expected-text = a text in quotes
expected-up-to = up to { $most } characters
expected-uuid = an id, such as 01a0c3a5-5e00-7000-8000-000000000000
expected-whole = a whole number, such as 50

# What a field takes, to follow "send".
misread-reason = The reason: { $reason }
field-account-type = shared or dedicated
field-api-key = 1 to 512 letters, digits or signs without spaces
field-api-url = the https address of Mintsoft, without /api at its end
field-comment = a text of 1 to 1000 characters
field-credentials = a user with its password, or a fixed key alone
field-cursor = next_cursor whole, as it came with the page before of this same list
field-days = 1 to 3650 days, or nothing
field-email = a mail address, such as ada@brand.example
field-expires-at = an instant to come, such as 2027-01-31T12:00:00Z
field-id = the host's number of the tenant, from 1
field-label = up to 200 characters, in one line
field-name = a name of up to 200 characters, in one line
field-order-id = the host's number of the order, from 1 to 999999999
field-order-name = the order's name in up to 100 characters, such as #1001
field-personal-data = true, if you mean to see the personal data that it may hold; that is logged
field-password = 1 to 512 characters
field-platform = shopify or woocommerce
field-reason = the reason, in up to 500 characters (1000 to ask for a cancellation)
field-role = one of SUPERADMIN, ADMIN, LOGISTICA, VENTAS, VIEWER or AUDITOR; SUPERADMIN only without a tenant
field-shared-client-id = the number that Mintsoft has for the client
field-slug = 1 to 63 lower-case letters, digits and single hyphens, such as my-brand
field-sku-prefix = 1 to 40 letters, digits, hyphens or underscores, such as LADORE; a shared account needs one
field-sub = the person's name at the OpenID provider, up to 255 bytes
field-tenant-id = the number of a tenant that exists; only SUPERADMIN goes without one
field-timezone = the present name of an IANA time zone, rather that of a place such as America/Lima than an abbreviation
field-username = 1 to 512 characters
field-webhook-secret = 1 to 512 characters without blanks around them

# Tables of orders that are taken away as files: their columns, and the words in them.
export-head-order = Order
export-head-status = Status
export-head-stage = Stage
export-head-attention = Needs attention
export-head-courier = Courier
export-head-tracking-number = Tracking number
export-head-tracking-url = Tracking link
export-head-ordered = Ordered
export-head-dispatched = Dispatched
export-head-estimated = Estimated delivery
export-head-delivered = Delivered
export-head-parcels = Parcels
export-head-weight = Weight (kg)
export-head-shop-order = Shop order
export-head-items = Items
export-head-part = Part
export-head-parts = Parts
export-head-mintsoft-id = Mintsoft ID
export-head-created = First sight
export-head-updated = Last change
export-head-linked = Linked
export-head-shop-order-id = Shop order ID
export-link-state = { $state ->
    [pending] Being looked for
    [linked] In the warehouse
   *[other] Not in the warehouse
}
export-stage-in-warehouse = In the warehouse
export-stage-on-the-way = On the way
export-stage-delivered = Delivered
export-stage-closed = Closed
export-yes = Yes
export-no = No
problem-export_under_way = An export of yours is under way. Take it to its end, or end it, and ask again then.
problem-documents_busy = Too many documents are being sent at once. Try again in a moment.

## What the platform’s staff look after

admin-tab = { $tab ->
    [tenants] Brands
    [accounts] Accounts
    [parked] Orders without an owner
    [dead-letters] Failed messages
    [people] People
   *[keys] API keys
}
admin-nav-label = Platform
admin-said = { $what ->
    [saved] Saved.
    [saved-untried] Saved without trying the connection. Try it soon.
    [added] Added.
    [assigned] Given to the brand. It is being read now.
    [dismissed] Hidden. It is kept, and the reason with it.
    [restored] Shown again.
    [retried] It is tried again now.
    [revoked] Key revoked.
   *[other] Done.
}
admin-total = { $count } in all
admin-range = { $first }–{ $last } of { $total }
admin-pages-label = Pages
admin-page-before = Before
admin-page-after = Next
admin-do = { $what ->
    [add] Add
    [assign] Assign
    [back] Back to the brand
    [copy] Copy
    [dismiss] Dismiss
    [end_older] End it now
    [look_again] Look again
    [orders] See orders
    [make_key] Make the key
    [preview] See what it finds
    [restore] Show again
    [retry] Try again
    [revoke] Revoke
    [save] Save
    [save_tested] Try and save
    [search] Search
    [search_anew] Clear the search
    [switch_off] Switch off
    [switch_on] Switch on
    [sync] Sync now
   *[test] Try the connection
}
admin-heading = { $what ->
    [add_key] New key
    [add_person] New person
    [add_tenant] New brand
    [logistics] Logistics
    [preview] Which orders without an owner would a prefix find?
    [runs] Syncs
    [shops] Shops
   *[tenant] Brand
}
admin-label = { $what ->
    [account_type] Account
    [api_key] Or a fixed key
    [api_url] Address of Mintsoft
    [attempts] Attempts
    [budget] Calls
    [changed] Orders changed
    [client] Client in the warehouse
    [credentials] Credentials
    [days] Valid for days
    [decision] Decision
    [died] Given up
    [email] E-mail
    [expires] Expires
    [is_active] Active
    [label] What for
    [last_delivery] Last notice
    [last_seen] Seen
    [last_sync] Last sync
    [made] Made
    [name] Name
    [next_due] Next sync
    [number] Number
    [order] Order
    [pages] Pages read
    [parked] Orders without an owner
    [password] Password
    [person] Person
    [reason] Reason
    [rejected] Rejected in 7 days
    [role] Role
    [secret_set] Secret since
    [seen] Orders seen
    [sku_prefix] SKU prefix
    [skus] SKUs
    [slug] Short name
    [state] State
    [sub] Id at the provider
    [subject] What
    [sync_enabled] Sync in the background
    [tenant] Brand
    [tenant_number] Number of the brand
    [unverified] Save without trying the connection
    [upstream_zone] Zone of the warehouse’s clock
    [username] User
    [webhook] Webhook
    [why] Reason
   *[zone] Time zone
}
admin-hint = { $what ->
    [assign] For good: an order never changes its brand.
    [bare] Not configured yet. Nothing is read for this brand.
    [client] Empty: all that the user may see.
    [credentials] A user with its password, or a fixed key. They are never shown again.
    [credentials_keep] Leave the fields empty to keep them. New ones hold for every brand of the account.
    [days] Empty: it does not expire.
    [dismiss] It comes back if it changes.
    [number] The host’s number of the brand.
    [runs] This brand has not been read yet. These are the runs of its account.
    [preview] Nothing changes: it only looks at the orders that have no owner now.
    [sku_prefix] For example LADORE. A shared account needs one.
    [slug] Small letters, digits, single hyphens.
    [staff_tenant] Without a brand: for the platform’s staff only.
   *[sub] The name in its tokens, e.g. auth0|123.
}
admin-empty-title = { $what ->
    [accounts] No account yet
    [keys] No key yet
    [letters] Nothing was given up
    [parked] No order without an owner here
    [parked_found] No order without an owner matches
    [people] Nobody was found
   *[tenants] No brand was found
}
admin-empty-text = { $what ->
    [accounts] Configure the logistics of a brand, and its account shows here.
    [keys] Make one below for a program that calls the API.
    [letters] Whatever cannot be read or done shows here.
    [parked] Orders of doubtful owner show here, with the reason.
    [parked_found] Try another search, or look at all of them.
    [people] Search for something else, or add a person below.
    [runs] No syncs yet.
   *[tenants] Search for something else, or add a brand below.
}
admin-tenant-state = { $state ->
    [on] Active
    [off] Switched off
    [bare] Not configured
   *[paused] Sync paused
}
admin-person-state = { $state ->
    [on] Active
   *[off] Switched off
}
admin-key-state = { $state ->
    [good] Valid
    [revoked] Revoked
   *[expired] Expired
}
admin-account-state = { $state ->
    [ok] Up to date
    [failing] Failing
    [late] Late
    [unread] Not read yet
   *[idle] Idle
}
admin-account-type = { $sort ->
    [shared] Shared with other brands
   *[dedicated] This brand’s own
}
admin-credentials = { $kind ->
    [login] User and password
   *[api_key] Fixed key
}
admin-connection = { $state ->
    [ok] The connection works.
    [refused] Mintsoft does not let us in.
    [unreachable] Mintsoft does not answer just now.
   *[not_tested] It was not tried.
}
admin-run-state = { $state ->
    [queued] Queued
    [running] Reading
    [done] Done
   *[failed] Failed
}
admin-platform = { $platform ->
    [shopify] Shopify
   *[woocommerce] WooCommerce
}
admin-parked-state = { $state ->
    [open] To decide
    [assigned] Being taken in
   *[dismissed] Dismissed
}
admin-parked-reason = { $reason ->
    [unknown_prefix] No brand’s prefix
    [ambiguous_prefix] Several brands fit
    [sku_disagrees] The SKUs do not agree
    [no_sku] No SKU confirms it
    [foreign_client] Another client of the warehouse
    [wrong_shape] The row cannot be read
    [owner_changed] It looks like another brand’s now
   *[not_taken] The ledger could not take it in
}
admin-letter-view = { $view ->
    [all] To decide
    [delivery] Notices
    [job] Jobs
   *[dismissed] Dismissed
}
admin-letter-kind = { $kind ->
    [delivery] Notice
   *[job] Job
}
admin-dismissed-because = Dismissed: { $reason }
admin-upstream-id = Mintsoft { $id }
admin-tenants-search = Name, short name or number
admin-people-search = Name, e-mail or id
admin-parked-search = Number, SKU or Mintsoft id
admin-never = Never
admin-not-planned = Not planned
admin-all-clients = All
admin-choose-tenant = Choose a brand
admin-every-tenant = Every brand
admin-no-tenant = Of no brand
admin-no-label = Without a label
admin-never-expires = Never
admin-run-title = Sync
admin-run-changed = { $count ->
    [0] no changes
   *[other] { $count } changed
}
admin-key-made = Copy the key now: it is shown this once.
admin-key-made-before = This form has made its key already, and no second one was made.
admin-key-made-before-text = The key’s text was shown that once and is stored nowhere, so it cannot be shown again. If you did not copy it, revoke this key in the list and make another.
admin-secret-of = New webhook secret of { $platform }
admin-older-until = The secret before is still good, until { $until }.
admin-assigned-to = Given to brand { $tenant }
admin-failing-since = Failing since { $since }.
admin-budget = { $calls } a second
admin-blocked-until = Mintsoft asks to wait until { $until }
admin-refused-until = Login refused; not tried until { $until }
admin-key-age = session key made { $age }
admin-prefix = prefix { $prefix }
admin-preview-found = { $count ->
    [one] It would find { $count } order.
   *[other] It would find { $count } orders.
}
admin-preview-number-only = { $count ->
    [one] { $count } more carries it in its number, and its SKUs do not agree.
   *[other] { $count } more carry it in their number, and their SKUs do not agree.
}

## One order

step-name = { $step ->
    [1] Received
    [2] Being prepared
    [3] Dispatched
    [4] On the way
   *[5] Delivered
}
steps-label = Progress of the order
detail-back = Orders
refresh = Refresh
refresh-news = { $count ->
    [0] Checked just now: nothing has changed.
    [one] { $count } change since you last looked. It is marked in the history.
   *[other] { $count } changes since you last looked. They are marked in the history.
}
refresh-unread = The warehouse could not be asked. This is what was known { $age }. Try again in a moment.
news = New
timeline-title = History
timeline-cut = The newest { $count } events are shown. The older ones are in the API.
timeline-as-of = As it stood on ({ $place } time)
timeline-as-of-show = Show
as-of-banner = This is how the order stood on { $when } ({ $place } time). Read only.
as-of-leave = Back to today
timeline-details = Details
timeline-upstream = Last changed in the warehouse
timeline-recorded = Recorded here
timeline-source = Source
timeline-actor = Who
timeline-event = Event
timeline-position = Position in the record
timeline-fingerprint = SHA-256
timeline-evidence = See the original answer
evidence-title = Original answer: { $order }
evidence-proof-good = SHA-256 verified: the { $bytes } bytes are kept as they came. Below they are set out for reading.
evidence-download = Download the original bytes
evidence-proof-bad = The SHA-256 does not match. Tell the platform’s staff.
evidence-back = Back to the order
sealed-until = Sealed up to position { $position } of the record, on { $when }.
sealed-not-yet = The record is not sealed yet.
dossier-download = Download the verifiable dossier
delivery-title = Delivery
items-title = Items
items-sku = SKU
items-quantity = Quantity
items-total = Total
recipient-title = Recipient
recipient-erased = The personal data of this order was erased.
recipient-none = The warehouse gave no recipient.
shop-title = Shop
shop-order-label = Order
shop-none = It is not linked to a shop order yet.
shop-unlink = Undo the link to { $order }
shop-unlink-hint = The shop order { $order } goes back to “Paid, not in warehouse”, and is not linked to this order by itself any more. There you can link it to another by hand.
shop-unlink-do = Undo the link
shop-reference = Reference
shop-channel = Channel
shop-tags = Tags
parts-title = Parts of the order
ordered-label = Ordered
dispatched-label = Dispatched
estimated-label = Estimated delivery
delivered-label = Delivered
courier-label = Courier
tracking-label = Tracking
parcels-label = Parcels
units = { $count ->
    [one] { $count } unit
   *[other] { $count } units
}
weight-label = Weight
shipments-label = Shipments
shipment-followed = tracked
shipment-not-followed = not tracked
on-back-order = { $count ->
    [one] { $count } unit waits for stock
   *[other] { $count } units wait for stock
}
email-label = E-mail
phone-label = Phone
mobile-label = Mobile
notes-label = Delivery notes
recipient-comments-label = Comments
vanished-notice = The warehouse no longer has this order since { $day }: it was merged into another or removed.
status-label = Warehouse
actor-person = A person
actor-program = A program with a key
actor-ledger = The system
words-erased = (Erased with the personal data)

cancel-button = Cancel order
cancel-title = Cancel { $order }
cancel-explain = We ask the warehouse to cancel it now. If it has begun to prepare it, it may refuse; you will see that here in a few seconds. It cannot be undone from here.
cancel-reason = Reason
cancel-reason-hint = It is kept in the order’s history.
cancel-send = Cancel the order
cancel-keep = Keep the order
cancel-requested = Cancellation asked for on { $when } by { $who }. Waiting for the warehouse.
cancel-left = Cancellation asked for on { $when } by { $who }.
cancel-confirmed = Cancelled: { $who } asked for it on { $when }.
cancel-accepted = The warehouse took the cancellation that { $who } asked for on { $when }, but does not show it yet.
cancel-undone = It was cancelled as { $who } asked on { $when }, but the warehouse took it up again afterwards.
cancel-refused = The warehouse did not take the cancellation that { $who } asked for on { $when }.
cancel-not-done = The cancellation that { $who } asked for on { $when } was not carried out.
link-basis = { $basis ->
    [name] by its name
    [order_number] by its number
    [host] as the platform said
   *[manual] by hand
}

conversation-title = Comments and documents: { $order }
conversation-open = Comments and documents
comments-title = Comments
comments-none = No comments yet.
comments-erased = The personal data of this order was erased; its comments are no longer read.
comment-label = Write to the warehouse
comment-internal-label = For the warehouse’s staff only
comment-internal = Internal
comment-under-way = On its way to the warehouse
comment-left = Unconfirmed
comment-refused = Refused
comment-not-done = Not sent
comment-send = Comment
never-checked = It could not be read from the warehouse. Open the page again in a moment.
documents-title = Documents
documents-none = The warehouse has no documents of this order.
documents-erased = The personal data of this order was erased; its documents are no longer read.
document-download = Download
document-preview = Preview
document-harmful = The warehouse warns that this file may be harmful. Open it only if you trust it.
document-differs = The warehouse has other content since { $when }.
document-kind = { $kind ->
    [COMMERCIAL-INVOICE] Commercial invoice
    [ALTERNATIVE-DESPATCHNOTE] Despatch note
    [INVOICE] Invoice
    [ORDERSPREADSHEET] Order sheet
    [COURIERLABEL] Courier label
    [ARCHIVECOURIERLABEL] Archived label
    [ProductInfo] Product information
    [DANGEROUSGOODSDOCUMENT] Dangerous goods
   *[other] Document
}
kilobytes = { $size } KB
actor-warehouse = The warehouse

event-discovered = First seen in the warehouse: { $number }, as { $status }
event-renumbered = The number changed to { $number }
event-reference = The reference of the order changed
event-status = From { $from } to { $to }
event-status-back = Went back from { $from } to { $to }
event-courier = Courier assigned: { $courier }
event-courier-service = Courier assigned (service { $service })
event-courier-gone = The courier was taken away
event-tracking = Tracking: { $number }
event-tracking-gone = The tracking number was taken away
event-dispatched = It left the warehouse
event-dispatch-withdrawn = The warehouse took back the date of dispatch
event-parcels = { $count ->
    [one] It goes in { $count } parcel now
   *[other] It goes in { $count } parcels now
}
event-parcels-gone = The warehouse no longer says in how many parcels it goes
event-weight = Weight: { $weight }
event-weight-gone = The warehouse no longer says how heavy it is
event-shipments = { $count ->
    [one] { $count } shipment booked with the courier
   *[other] { $count } shipments booked with the courier
}
event-items = { $count ->
    [one] The items changed: { $count } line
   *[other] The items changed: { $count } lines
}
event-stock = The stock reserved for it changed
event-recipient = The recipient’s data changed
event-estimated = Estimated delivery: { $day }
event-estimated-gone = There is no estimated delivery any more
event-part = The order was split: this is part { $part } of { $parts }
event-part-whole = The order is no longer split
event-details = Other data of the order changed
event-vanished = The warehouse no longer has the order
event-reappeared = The order is back in the warehouse
event-erased = The personal data was erased
event-scan = Courier: { $status }
event-delivered-scan = Delivered, the courier says
event-delivered-callback = Delivered, the warehouse says
event-linked = Linked to the shop order { $order }, { $basis }
event-unlinked = The link to { $order } was undone
event-withheld = Withheld: it is not clear whose it is
event-released = It is clear again whose it is
event-promise-missed = { $promise ->
    [dispatch] The promised day of leaving the warehouse has passed
    [news] No news from the courier for 30 days
   *[delivery] The promised day of delivery has passed
}
event-cancel-requested = { $who } asked to cancel it
event-cancel-confirmed = The warehouse cancelled it
event-cancel-refused = The warehouse did not cancel it
event-comment-requested = { $who } wrote to the warehouse
event-comment-posted = The comment is in the warehouse’s system
event-comment-refused = The warehouse did not accept the comment
event-comment-not-done = The comment did not reach the warehouse

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
problem-internal = Something went wrong on our side. It was logged; tell the platform’s staff the id of the request.
problem-connection_refused = Mintsoft does not accept this: check the credentials, the address and the client. Nothing was saved.
problem-connection_untried = Mintsoft does not answer just now, so nothing was saved. Try again, or save it without trying the connection (`unverified=true` in the API).
problem-tenant_exists = A brand with this number or short name exists already. Choose another.
problem-sku_prefix_taken = Another brand of this account or login has the same prefix. Each needs its own.
problem-account_not_dedicated = Another brand reads by this login, and one of the two would take the other’s orders. Make both shared, each with its prefix, or give this one its own credentials or client.
problem-already_assigned = The order was given to a brand before. Unless it stands in its history already, dismiss it first.
problem-order_has_owner = The order stands in another brand’s history, and an order never changes its brand.
problem-parked_order_settled = The order is not waiting any more. Look at the list again.
problem-logistics_config_missing = The brand’s logistics are not configured yet. Configure them first.
problem-sync_run_unknown = There is no such sync of this brand’s account.
problem-changed_meanwhile = Somebody else changed it meanwhile. Open the page again, and repeat the change.

# Signing in and out

sign-in-title = Sign in
sign-in-lead = Sign in with your brand's account to see your orders.
sign-in-go = Sign in
sign-in-as-another = Sign in with another account
sign-in-elsewhere = Sign in (another tab)
signed-out-title = You are signed out
signed-out-lead = Your session at the sign-in service is being ended too.
signed-out-go = Go on
problem-sign_in_away = The sign-in service does not answer. Try again in a few minutes.
problem-sign_in_stray = This sign-in was not begun in this browser, or took too long. Sign in again.
problem-sign_in_refused = The sign-in service did not let you in. Sign in again, or ask the platform's staff.
problem-sign_in_unproved = The sign-in service's answer could not be verified. Sign in again.
problem-sign_in_not_set_up = Nobody can sign in here yet. The platform's staff have to set it up.

problem-order_unknown_then = The order was not known yet at that moment. Choose a later date or time.
problem-instant_unreadable = The date could not be read. Give a day and a time.
problem-evidence_unknown = There is no such original answer, or it was erased with the personal data.
problem-link_unknown = There is no such paid order. Open the list again.
problem-link_made = This paid order was linked meanwhile. To change that, first undo the link on the page of its warehouse order.
problem-link_not_made = Nothing is linked to this shop order, so there is nothing to undo. Look at it again.
problem-warehouse_order_unknown = None of the brand’s warehouse orders has that number. Give the whole number, as “All” shows it.
problem-warehouse_order_ambiguous = Several warehouse orders have that number. Open the right one and paste the address of its page here.
problem-warehouse_order_gone = That order is no longer in the warehouse’s system. Choose the one that replaced it.

problem-person_not_found = There is no such person. Take the id from the list of people.
problem-session_over = Your session is over. Sign in again.
