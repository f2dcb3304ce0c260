# Lo que las personas leen, en español del Perú: directo, claro, sin relleno. Cada mensaje está también en en.ftl.

## Números y fechas

count-orders = { $count ->
    [one] { $count } pedido
   *[other] { $count } pedidos
}
moment-month = { $month ->
    [1] ene
    [2] feb
    [3] mar
    [4] abr
    [5] may
    [6] jun
    [7] jul
    [8] ago
    [9] set
    [10] oct
    [11] nov
   *[12] dic
}
moment-day = { $day } { $month } { $year }
moment-day-time = { $day }, { $time }
moment-age-now = hace un momento
moment-age-minutes = hace { $count } min
moment-age-hours = hace { $count } h
moment-age-days = { $count ->
    [one] hace { $count } día
   *[other] hace { $count } días
}

## El marco de cada página

product-name = Logística
skip-to-content = Ir al contenido
menu = Menú
nav-label = Secciones
nav-orders = Pedidos
nav-admin = Plataforma
brand-switch = Marca: { $brand }. Cambiar de marca
language-label = Idioma
language-own-name = Español
theme-label = Colores
theme-name = { $theme ->
    [light] Claro
    [dark] Oscuro
   *[auto] Auto
}
role-name = { $role ->
    [SUPERADMIN] Equipo de la plataforma
    [ADMIN] Administración
    [LOGISTICA] Logística
    [VENTAS] Ventas
    [AUDITOR] Auditoría
   *[VIEWER] Lectura
}
sign-out = Cerrar sesión
session-over = Tu sesión terminó. Lo que ves ya no se actualiza.
session-over-unsent = Tu sesión terminó y no se envió nada. Lo que escribiste sigue aquí: cópialo antes de salir de esta página.
offline = Sin conexión con el servidor. Lo que ves puede estar desactualizado; volvemos a intentarlo solos.
unsent = Sin conexión con el servidor: no sabemos si llegó lo que enviaste. Cuando vuelva la conexión, pulsa el botón otra vez; no se hará dos veces.
copy-done = Copiado
moment-both-zones = { $place }: { $shown } · Almacén ({ $city ->
    [London] Londres
   *[other] { $city }
}): { $warehouse }

## Errores

error-title = { $status ->
    [403] No tienes permiso para esto
    [404] No lo encontramos
    [409] Eso ya cambió
    [422] Falta corregir algo
    [429] Demasiadas solicitudes seguidas
    [503] El servicio no responde por ahora
   *[other] Algo salió mal
}
error-unknown = Algo salió mal de nuestro lado. Ya quedó registrado; inténtalo otra vez en un momento.
error-title-outdated = Esta página quedó desactualizada
try-again = Intentar otra vez
open-page-again = Abrir la página otra vez
page-rate-limited = Hiciste demasiadas cosas seguidas. Espera unos segundos e inténtalo otra vez.
page-key-reused = Puede que lo que enviaste antes ya haya llegado: míralo en la página del pedido. Si quieres enviar también esto, pulsa otra vez.
page-overloaded = El servicio atiende todo lo que puede por ahora. Inténtalo otra vez en unos segundos.
back-to-orders = Ver los pedidos
request-id-label = Si nos escribes, menciona este código:

## La lista de pedidos

orders-title = Pedidos
orders-tabs-label = Vistas de pedidos
tab-name = { $tab ->
    [in_warehouse] En el almacén
    [on_the_way] En camino
    [delivered] Entregados
    [attention] Requieren atención
    [missing] Faltan en el almacén
    [closed] Cerrados
   *[all] Todos
}
search-label = Buscar pedidos
search-placeholder = Número, tracking, SKU o destinatario
search-submit = Buscar
filter-status = Estado
filter-courier = Courier
filter-dates = Fechas
filter-apply = Aplicar
filter-clear-all = Quitar filtros
filter-remove = Quitar el filtro { $filter }
filter-any-courier = Cualquiera
filter-date-field = Fecha de
filter-date-field-name = { $field ->
    [dispatched_at] despacho
    [updated_at] último cambio
    [created_at] primera lectura
   *[ordered_at] pedido
}
filter-from = Desde
filter-to = Hasta
filter-chip-status = Estado: { $status }
filter-chip-courier = Courier: { $courier }
filter-chip-search = «{ $search }»
filter-chip-dates = Fecha de { $field }: { $from } – { $to }
filter-chip-from = Fecha de { $field }: desde { $from }
filter-chip-to = Fecha de { $field }: hasta { $to }
filter-none-yet = Aún no hay ninguno
export = Exportar
export-csv = CSV de esta vista
export-xlsx = Excel de esta vista
column-order = Pedido
column-status = Estado
column-courier = Courier
column-tracking = Tracking
column-dispatched = Despacho
column-estimated = Entrega
column-shop-order = Tienda
column-checked = Verificado
orders-newest-first = Últimos cambios primero
column-sort = Ordenar por { $column }
orders-found = { $count ->
    [one] { $count } pedido
   *[other] { $count } pedidos
}
orders-found-at-least = Al menos { $count ->
    [one] { $count } pedido
   *[other] { $count } pedidos
}
at-least = { $count }+
missing-range = { $count ->
    [one] { $count } pedido pagado que no está en el almacén
   *[other] { $count } pedidos pagados que no están en el almacén
}
missing-looking-more = { $count ->
    [one] y { $count } que se está buscando
   *[other] y { $count } que se están buscando
}
pages-label = Páginas
page-next = Siguiente
page-first = Al inicio
page-previous = Anterior
page-left-title = Esta página quedó vacía
page-left-text = Lo que mostraba cambió de página o ya no está en esta vista. Sigue desde el inicio de la lista.
copy-tracking = Copiar tracking { $number }
track-at-courier = Seguir { $number } en la web del courier (otra pestaña)
not-yet = Aún no
none-told = Sin dato
late-since = Atrasado: debía llegar el { $day }
late-dispatch = Atrasado: debía salir el { $day }
late-news = Atrasado: el courier no informa desde hace 30 días
part-of = Parte { $part } de { $parts }
checked-title = Verificado con el almacén { $age } ({ $source })
source-name = { $source ->
    [poll] consulta periódica
    [recheck] revisión
    [refresh] actualización al abrir
    [connect_action] aviso del almacén
    [shop_webhook] aviso de la tienda
    [user] solicitud en la página o por la API
    [operator] equipo de la plataforma
    [clock] control de plazos
   *[other] { $source }
}
live-label = Se actualiza en vivo

empty-title-none = Aún no hay pedidos
empty-text-none = Cuando el almacén registre el primer pedido de esta marca, aparecerá aquí sin que hagas nada.
empty-title-filtered = Ningún pedido coincide
empty-text-filtered = Prueba con otra palabra o quita un filtro.
empty-title-attention = Nada requiere tu atención
empty-text-attention = Si un pedido se traba o llega tarde, lo verás aquí.
empty-title-tab = No hay pedidos en esta vista
empty-text-tab = Los demás están en «Todos».
see-all-orders = Ver todos los pedidos

## Faltan en el almacén

missing-text = Pedidos pagados en la tienda que no encontramos en el almacén. Si aparecen después, se enlazan solos.
missing-shop-order = Pedido de la tienda
missing-since = Avisado
missing-looked-for = Buscado como
missing-attempts = Intentos
missing-reason = Motivo
missing-look-again = Buscar de nuevo
missing-looking = Buscando…
missing-do = Qué hacer
missing-choose = Enlazar a mano
missing-choose-number = Número del pedido del almacén que atiende { $order }
missing-choose-hint = Escribe el número completo, como sale en «Todos», o pega la dirección de la página del pedido. Si ya está enlazado a otro pedido de la tienda, ese otro pierde su enlace.
missing-choose-do = Enlazar
missing-choosing = Enlazamos { $order } con el pedido que elegiste. En unos segundos sale de esta lista.
missing-chosen = { $order } quedó enlazado con el pedido que elegiste.
missing-undone = Quitaste el enlace de { $order }. Enlázalo a mano con el pedido que lo atiende, o pide buscarlo de nuevo.
missing-empty-title = Todo lo pagado está en el almacén
missing-empty-text = Si un pedido pagado no llega al almacén, lo verás aquí con el motivo.
missing-asked = Buscamos { $order } otra vez. Si está en el almacén, se enlaza en unos segundos.
missing-found = { $order } está en el almacén y quedó enlazado.
missing-default-reason = No está en el almacén
missing-search-placeholder = Pedido de la tienda o número buscado
missing-none-title = Ningún pedido pagado que falte en el almacén coincide con «{ $search }»
missing-none-text = Revisa el número. Si el pedido ya está en el almacén, lo encuentras en «Todos».
missing-search-all = Buscar en «Todos»
reason = { $why ->
    [not_there] El almacén aún no tiene un pedido con este número.
    [not_tied] El pedido del almacén con este número corresponde a otro pedido de la tienda.
    [set_aside] El pedido del almacén con este número está apartado. Primero lo decide el equipo de la plataforma.
    [copied] El pedido del almacén con este número es una copia; solo una persona enlaza una copia.
    [undone] Este enlace se deshizo antes; solo la plataforma o una persona lo vuelve a hacer.
    [not_unique] Varios pedidos del almacén llevan este número, así que no elegimos ninguno.
    [not_asked] No pudimos preguntarle al almacén. Lo intentamos de nuevo solos.
    [vanished] El pedido del almacén que lo atendía ya no existe; buscamos el que lo reemplazó.
    [link_undone] Se quitó el enlace.
    [undone_open] Se quitó el enlace. Di qué pedido del almacén lo atiende, o pide buscarlo de nuevo.
    [unlinked] El pedido del almacén que lo atendía se enlazó con otro pedido de la tienda; lo buscamos de nuevo.
    [asked_again] Una persona pidió buscarlo otra vez.
    [withheld] Lo que muestra el almacén indica otra marca que la de su historial.
    [replaced] Lo reemplazó un enlace hecho por la plataforma o por una persona.
    [overruled] Una persona indicó mientras tanto qué pedido lo atiende, o que ninguno.
    [gone] El pedido ya no está en el sistema del almacén.
    [dispatched] El pedido ya salió del almacén y no se puede cancelar.
    [undecided] No está claro de qué marca es el pedido. Primero lo decide el equipo de la plataforma.
    [removed] El almacén borró los datos personales mientras no estaba claro de qué marca es el pedido.
    [person_erased] Los datos personales de este pedido se borraron; ya no se puede pedir nada sobre él.
    [not_json] El mensaje llegó cortado o no es JSON.
    [no_object] El mensaje es JSON, pero no un pedido.
    [no_id] El pedido no trae un id que se pueda leer.
    [no_name] El pedido no trae nombre ni número que se pueda leer.
    [given_up] Lo intentamos varias veces y no se pudo.
    [no_attempt] Se agotaron los intentos.
    [panicked] Falló el programa; el registro del servicio dice por qué.
    [too_slow] Tardó más de lo permitido.
    [configured_anew] La cuenta se configuró de nuevo mientras se leía; se lee otra vez desde el principio.
    [switched_off] Ninguna marca de la cuenta sigue activada; lo que falta por leer se leerá cuando se active una.
    [worker_gone] El programa que lo hacía se detuvo antes de terminar.
    [not_permitted] Mintsoft no permite esta consulta: dale el permiso al usuario o cambia las credenciales.
    [wrong_login] Mintsoft no acepta el usuario o la contraseña. Cambia las credenciales.
    [throttled] Mintsoft pide esperar.
    [out_of_calls] La cuenta ya usó sus llamadas a Mintsoft por ahora.
    [out_of_reach] No se pudo llegar a Mintsoft.
    [no_answer] Mintsoft no respondió a tiempo.
    [silent] Mintsoft no responde desde hace un rato.
    [login_pending] Todavía estamos entrando a Mintsoft.
    [too_large] La respuesta de Mintsoft es más larga de lo que se acepta.
    [unknown_there] Mintsoft no lo tiene; puede que lo haya unido a otro.
    [broken_answer] Mintsoft respondió algo que no esperábamos. Revisa la dirección de la cuenta.
    [broken_list] La lista de Mintsoft cambió mientras la leíamos. No se saltó nada.
    [no_reason] El almacén no dice por qué.
    [bad_address] No se puede usar la dirección de Mintsoft. Revisa la cuenta.
    [no_tls] El servicio no puede abrir conexiones seguras (TLS) en este equipo.
    [unknown_account] La cuenta ya no está configurada. Configura otra vez la logística de la marca.
    [database_away] No se pudo llegar a la base de datos.
    [not_reached] No se pudo llegar al almacén a tiempo y no se hizo nada. Pídelo otra vez más tarde.
    [answer_lost] Se perdió la respuesta del almacén y no se sabe qué se hizo. El equipo de la plataforma lo está viendo.
    [note_not_shown] Se perdió la respuesta, y el almacén no nos muestra las notas internas. Mira en su sistema si se escribió.
    [asked_in_vain] Se lo pedimos dos veces al almacén y no lo hizo; sus respuestas se perdieron. Pregúntale al almacén.
    [answer_erased] Se perdió la respuesta y se borraron los textos: no se sabe si se escribieron.
    [not_done] El almacén no lo hizo después de varios intentos. Lo decide una persona.
   *[other] No está en el almacén.
}

## Estados

warehouse-phase = { $phase ->
    [received] Recibido
    [waiting] En espera
    [preparing] En preparación
    [packed] Empacado
    [stopped] Detenido
    [dispatched] Despachado
    [cancelled] Cancelado
   *[unknown] Estado desconocido
}
carrier-phase = { $phase ->
    [pending] Esperando al courier
    [info_received] Courier avisado
    [in_transit] En tránsito
    [out_for_delivery] En reparto
    [attempt_failed] Entrega fallida
    [available_for_pickup] Listo para recojo
    [delivered] Entregado
    [exception] Con incidencia
    [expired] Sin noticias
    [unknown] Escaneo no reconocido
   *[none] Sin courier
}
must-act = { $who ->
    [warehouse] Le toca al almacén
    [brand] Te toca a ti
    [carrier] Le toca al courier
    [recipient] Le toca al destinatario
    [platform] Le toca a la plataforma
   *[nobody] Nadie tiene pendientes
}
attention = { $why ->
    [on_hold] El almacén lo tiene retenido
    [order_failed] El almacén no pudo tomar el pedido
    [out_of_stock] Falta stock
    [awaiting_confirmation] Espera tu confirmación
    [awaiting_documents] Esperando documentos
    [awaiting_payment] Esperando un pago
    [awaiting_item] Esperando otro artículo
    [query_raised] El almacén tiene una consulta
    [fraud_risk] Marcado con riesgo de fraude
    [picking_skipped] Se saltó en la preparación
    [awaiting_replenishment] Falta reponer el anaquel
    [cancelled_after_dispatch] Cancelado, pero ya había salido
    [delivery_attempt_failed] El courier no pudo entregar
    [delivery_problem] El courier reporta un problema
    [recipient_moved] El destinatario se mudó
    [delivery_refused] El destinatario lo rechazó
    [customs_delay] Retenido en aduana
    [delivery_delayed] El courier avisa demora
    [payment_due] Hay un cobro pendiente
    [address_incorrect] Dirección incorrecta
    [pickup_missed] No lo recogieron a tiempo
    [rejected_by_carrier] El courier no lo aceptó
    [returning] Vuelve al remitente
    [returned] Devuelto
    [damaged] Dañado
    [lost] Perdido
    [carrier_silent] El courier dejó de informar
    [late_dispatch] Debía haber salido del almacén
    [late_delivery] Debía haber llegado
    [late_news] Sin noticias del courier desde hace 30 días
   *[other] Requiere atención
}
attention-do = { $why ->
    [on_hold] Pregúntale al almacén el motivo en «Escribe al almacén».
    [out_of_stock] Envía stock al almacén, o cancela el pedido.
    [awaiting_confirmation] Confírmalo en «Escribe al almacén».
    [awaiting_documents] Envíale al almacén los documentos que faltan.
    [awaiting_payment] Coordina el pago con el almacén.
    [query_raised] Lee los comentarios y respóndele al almacén.
    [fraud_risk] Confirma que es un pedido real, o cancélalo.
   *[other] Escríbele al almacén para resolverlo.
}
status-raw = Estado en el almacén: { $status }
## Problemas de la API, por su código: qué pasó y qué hacer

problem-account_unknown = No existe esa cuenta. Mira la lista de cuentas.
problem-key_unknown = No existe esa clave, o ya se revocó.
problem-origin_foreign = Esta página no puede abrir el flujo en vivo. Ábrelo desde una página del servicio.
problem-own_access = Nadie se quita su propio acceso. Pídeselo a otra persona del equipo de la plataforma.
problem-parked_order_nameless = La fila no dice qué pedido es. Corrígela en el almacén o descártala.
problem-person_exists = Esa persona ya está registrada.
problem-position_ahead = La posición está más allá del final. Empieza el flujo sin posición.
problem-position_invalid = La posición no se puede leer. Envía la última que recibiste.
problem-streams_too_many = Hay demasiados flujos abiertos. Cierra uno, o inténtalo más tarde.
problem-upgrade_invalid = La conexión no se puede abrir así. Abre un WebSocket según el estándar.
problem-bearer_not_accepted = Aquí no se aceptan tokens de personas. Envía una clave en X-API-Key.
problem-body_broken = El cuerpo llegó incompleto. Envíalo otra vez.
problem-body_invalid = El cuerpo no se puede usar.
problem-body_not_json = El cuerpo no es JSON. Envía JSON con la cabecera Content-Type: application/json.
problem-body_slow = El cuerpo tardó demasiado en llegar. Envíalo otra vez.
problem-body_too_deep = El cuerpo tiene más de 32 niveles. Envía uno más plano.
problem-body_too_large = El cuerpo es más grande de lo que se acepta aquí.
problem-cancellation_refused = El pedido ya no se puede cancelar en el estado en que está.
problem-comment_refused = El comentario no se puede escribir en este pedido.
problem-order_dispatched = Ya salió del almacén, así que no se puede cancelar.
problem-order_cancelled = El pedido ya está cancelado.
problem-order_vanished = El pedido ya no está en el sistema del almacén.
problem-order_withheld = Aún no se sabe de qué marca es este pedido; primero lo decide el equipo de la plataforma.
problem-order_erased = Los datos personales de este pedido se borraron; ya no se puede pedir nada sobre él.
problem-order_refused = Tal como está el pedido, esto no se puede hacer. Míralo otra vez.
problem-cancellation_pending = Hay una cancelación anterior que aún no se resuelve.
problem-document_too_large = El documento es más grande de lo que se acepta aquí.
problem-not_sealed_yet = Esto aún no está sellado. Lo nuevo entra en el próximo sellado: inténtalo otra vez después.
problem-dossier_too_long = El pedido tiene más eventos de los que caben en un expediente. Pide al equipo de la plataforma que verifique el registro entero.
problem-ledger_damaged = Faltan aquí eventos o hashes que se sellaron, o no se pueden leer, así que esto no se puede probar. Avisa al equipo de la plataforma.
problem-document_unknown = No existe ese documento en el pedido. Mira la lista de sus documentos.
problem-credential_ambiguous = Llegaron dos credenciales. Envía una sola: X-API-Key o Authorization.
problem-credential_invalid = La credencial no es válida. Pide una nueva.
problem-credential_missing = Falta la credencial. Envía una clave en la cabecera X-API-Key.
problem-cursor_invalid = El cursor no se puede leer. Empieza la lista desde el principio.
problem-cursor_of_other_list = El cursor es de una lista con otros filtros. Empieza esta lista desde el principio.
problem-exports_busy = Se están haciendo demasiadas exportaciones a la vez. Inténtalo otra vez en un momento.
problem-metrics_local_only = Las métricas solo se leen en esta máquina. Define LEDGER_METRICS_TOKEN para leerlas desde otra.
problem-metrics_token_unset = El servicio tiene dirección pública, así que sus métricas piden un token. Define LEDGER_METRICS_TOKEN.
problem-metrics_token_invalid = El token de las métricas falta o no es válido.
problem-overloaded = El servicio atiende todo lo que puede por ahora. La cabecera Retry-After dice cuándo seguir.
problem-worker_silent = El trabajo de fondo no avanza. El registro del servicio dice por qué.
problem-field_invalid = Un campo no se puede usar.
problem-headers_too_large = Las cabeceras ocupan juntas más de 32 KiB. Envía menos.
problem-idempotency_key_invalid = Idempotency-Key no se puede usar. Envía de 1 a 255 letras, números o signos, sin espacios.
problem-idempotency_key_reused = Esa Idempotency-Key ya se usó con otro cuerpo o para otro pedido. Usa una nueva para cada solicitud distinta.
problem-ledger_away = No se pudo guardar por ahora. Inténtalo otra vez en unos segundos.
problem-logistics_config_exists = La marca ya tiene configuración logística. Cámbiala con PATCH.
problem-method_not_allowed = Esta dirección no acepta ese método. La cabecera Allow dice cuáles acepta.
problem-migrations_missing = Las tablas de la base de datos son más antiguas que este programa. Ejecuta `ledger migrate`.
problem-not_kept = La entrega no se pudo guardar por ahora. Envíala otra vez.
problem-order_id_taken = Ese número ya es de otro pedido de esta marca. Revisa el número.
problem-person_inactive = Tu acceso está desactivado. Habla con quien administra tu marca.
problem-person_unknown = No conocemos a esa persona aquí. El equipo de la plataforma da los accesos.
problem-provider_away = El proveedor de identidad no responde por ahora. Inténtalo otra vez en unos segundos.
problem-query_invalid = La consulta no se puede usar.
problem-rate_limited = Pides más rápido de lo permitido. La cabecera Retry-After dice cuándo seguir.
problem-shop_unknown = No existe esa tienda. Revisa el número de la marca en la dirección, y que se haya dado el secreto del webhook.
problem-signature_invalid = Falta la firma, o no corresponde al cuerpo. Revisa que el secreto sea el que firma este webhook.
problem-sources_away = No se puede preguntar al almacén por ahora. Inténtalo otra vez.
problem-sync_disabled = La sincronización de la marca está apagada. Enciéndela con sync_enabled en su configuración logística.
problem-sync_under_way = Ya hay una sincronización en curso. Mira cómo va la que dice run_id.
problem-tenant_id_missing = Di a qué marca te refieres: agrega tenant_id= a la consulta.
problem-tenant_inactive = La marca de esta credencial está desactivada. Habla con el equipo de la plataforma.
problem-tenant_switched_off = La marca está desactivada, así que no se lee nada para ella. Actívala primero con is_active.
problem-tenant_unknown = No existe esa marca, o no es tuya. Revisa su número.
problem-token_invalid = La dirección no lleva un token que se haya dado para esta cuenta, pedido y evento.
problem-uri_too_long = La dirección ocupa más de 8 KiB. Pide menos filtros a la vez.

misread-field = Revisa { $field }.
form-field = { $field ->
    [name] Revisa el nombre: hasta 200 letras.
    [slug] Revisa el nombre corto: minúsculas, cifras y guiones simples.
    [timezone] Revisa la zona horaria: el nombre vigente de un lugar, como America/Lima, no una abreviatura.
    [id] Revisa el número.
    [tenant_id] Elige la marca, o revisa su número.
    [api_url] Revisa la dirección de Mintsoft: empieza con https:// y es pública.
    [credentials] Revisa las credenciales: un usuario con su contraseña, o solo una clave fija.
    [sku_prefix] Revisa el prefijo de SKU: letras, cifras y guiones.
    [shared_client_id] Revisa el cliente: el número que tiene en Mintsoft, o nada.
    [webhook_secret] Revisa el secreto del webhook.
    [reason] Escribe el motivo.
    [comment] Revisa el comentario: de 1 a 1000 letras.
    [role] Elige un rol que exista, y una marca si el rol la necesita.
    [label] Revisa para qué es: hasta 200 letras.
    [expires_at] Revisa hasta cuándo vale.
    [days] Revisa la vigencia: de 1 a 3650 días, o nada.
    [email] Revisa el correo.
    [sub] Revisa el id en el proveedor.
   *[other] Revisa { $field }.
}
misread-beside = { $field } no va junto con { $other }; envía solo uno de los dos.
misread-missing = Falta { $field }.
misread-no-object = Envía { $expected }.
misread-parameters = Envía hasta { $most } parámetros.
misread-repeated = { $field } está dos veces; envíalo una sola vez.
misread-unknown = { $field } no se conoce aquí; se conocen { $known }.
misread-unknown-none = { $field } no se conoce aquí; no se acepta ninguno.
misread-value = { $field }: envía { $expected }.
misread-syntax = El error está en la línea { $line }, columna { $column }.
expected-between = un número entero de { $least } a { $most }
expected-at-least = un número entero desde { $least }
expected-calendar-day = un día entre los años 1 y 9999, como 2026-11-23
expected-calendar-instant = un instante entre los años 1 y 9999, como 2026-11-23T04:24:52Z
expected-day = un día, como 2026-11-23
expected-false-true = true o false
expected-instant = un instante, como 2026-11-23T04:24:52Z
expected-list = una lista, como []
expected-no-later = un día que no venga después de { $other }
expected-number = un número
expected-object = un objeto, como {"{}"}
expected-one-of = uno de { $known }
expected-some-of = uno o varios de { $known }, separados por comas
expected-terms = hasta { $most } nombres o números
expected-text = un texto entre comillas
expected-up-to = hasta { $most } letras
expected-uuid = un id, como 01a0c3a5-5e00-7000-8000-000000000000
expected-whole = un número entero, como 50

# What a field takes, to follow "send".
misread-reason = Motivo: { $reason }
field-account-type = shared o dedicated
field-api-key = de 1 a 512 letras, números o signos sin espacios
field-api-url = la dirección https de Mintsoft, sin /api al final
field-comment = un texto de 1 a 1000 letras
field-credentials = un usuario con su contraseña, o solo una clave fija
field-cursor = next_cursor entero, tal como vino con la página anterior de esta misma lista
field-days = de 1 a 3650 días, o nada
field-email = una dirección de correo, como ada@marca.example
field-expires-at = un instante por venir, como 2027-01-31T12:00:00Z
field-id = el número de la marca en la plataforma, desde 1
field-label = hasta 200 letras, en una sola línea
field-name = un nombre de hasta 200 letras, en una sola línea
field-order-id = el número del pedido en la plataforma, de 1 a 999999999
field-order-name = el nombre del pedido en hasta 100 letras, como #1001
field-personal-data = true, si quieres ver los datos personales que puede tener; queda registrado
field-password = de 1 a 512 letras
field-platform = shopify o woocommerce
field-reason = el motivo, en hasta 500 letras (1000 al pedir una cancelación)
field-role = uno de SUPERADMIN, ADMIN, LOGISTICA, VENTAS, VIEWER o AUDITOR; SUPERADMIN solo sin marca
field-shared-client-id = el número del cliente en Mintsoft
field-slug = de 1 a 63 minúsculas, números y guiones sueltos, como mi-marca
field-sku-prefix = de 1 a 40 letras, números, guiones o guiones bajos, como LADORE; una cuenta compartida lo necesita
field-sub = el nombre de la persona en el proveedor de identidad, de hasta 255 bytes
field-tenant-id = el número de una marca que exista; solo SUPERADMIN va sin marca
field-timezone = el nombre vigente de una zona IANA, mejor el de un lugar como America/Lima que una abreviatura
field-username = de 1 a 512 letras
field-webhook-secret = de 1 a 512 letras sin espacios alrededor

# Tables of orders that are taken away as files: their columns, and the words in them.
export-head-order = Pedido
export-head-status = Estado
export-head-stage = Etapa
export-head-attention = Requiere atención
export-head-courier = Courier
export-head-tracking-number = Tracking
export-head-tracking-url = Enlace de seguimiento
export-head-ordered = Fecha de pedido
export-head-dispatched = Fecha de despacho
export-head-estimated = Entrega estimada
export-head-delivered = Fecha de entrega
export-head-parcels = Bultos
export-head-weight = Peso (kg)
export-head-shop-order = Pedido de la tienda
export-head-items = Productos
export-head-part = Parte
export-head-parts = Partes
export-head-mintsoft-id = ID de Mintsoft
export-head-created = Primera lectura
export-head-updated = Último cambio
export-head-linked = Enlazado
export-head-shop-order-id = ID del pedido de la tienda
export-link-state = { $state ->
    [pending] Buscando en el almacén
    [linked] En el almacén
   *[other] No está en el almacén
}
export-stage-in-warehouse = En el almacén
export-stage-on-the-way = En camino
export-stage-delivered = Entregado
export-stage-closed = Cerrado
export-yes = Sí
export-no = No
problem-export_under_way = Ya tienes una exportación en curso. Termínala o ciérrala, y pide otra después.
problem-documents_busy = Se están enviando demasiados documentos a la vez. Inténtalo otra vez en un momento.

## Lo que administra el equipo de la plataforma

admin-tab = { $tab ->
    [tenants] Marcas
    [accounts] Cuentas
    [parked] Pedidos sin dueño
    [dead-letters] Mensajes fallidos
    [people] Personas
   *[keys] Claves de API
}
admin-nav-label = Plataforma
admin-said = { $what ->
    [saved] Guardado.
    [saved-untried] Guardado sin probar la conexión. Pruébala pronto.
    [added] Se agregó.
    [assigned] Asignado a la marca. Lo estamos leyendo.
    [dismissed] Descartado. Se conserva, con su motivo.
    [restored] De vuelta en la lista.
    [retried] Lo estamos intentando de nuevo.
    [revoked] Clave revocada.
   *[other] Listo.
}
admin-total = { $count } en total
admin-range = { $first }–{ $last } de { $total }
admin-pages-label = Páginas
admin-page-before = Anterior
admin-page-after = Siguiente
admin-do = { $what ->
    [add] Agregar
    [assign] Asignar
    [back] Volver a la marca
    [copy] Copiar
    [dismiss] Descartar
    [end_older] Terminarlo ya
    [look_again] Actualizar
    [orders] Ver pedidos
    [make_key] Crear la clave
    [preview] Ver qué encuentra
    [restore] Volver a mostrar
    [retry] Reintentar
    [revoke] Revocar
    [save] Guardar
    [save_tested] Probar y guardar
    [search] Buscar
    [search_anew] Quitar búsqueda
    [switch_off] Desactivar
    [switch_on] Activar
    [sync] Sincronizar ahora
   *[test] Probar la conexión
}
admin-heading = { $what ->
    [add_key] Nueva clave
    [add_person] Nueva persona
    [add_tenant] Nueva marca
    [logistics] Logística
    [preview] ¿Qué pedidos sin dueño encontraría un prefijo?
    [runs] Sincronizaciones
    [shops] Tiendas
   *[tenant] Marca
}
admin-label = { $what ->
    [account_type] Cuenta
    [api_key] O una clave fija
    [api_url] Dirección de Mintsoft
    [attempts] Intentos
    [budget] Llamadas
    [changed] Pedidos con cambios
    [client] Cliente en el almacén
    [credentials] Credenciales
    [days] Vigencia en días
    [decision] Decisión
    [died] Abandonado
    [email] Correo
    [expires] Vence
    [is_active] Activa
    [label] Para qué
    [last_delivery] Último aviso
    [last_seen] Visto
    [last_sync] Última sincronización
    [made] Creada
    [name] Nombre
    [next_due] Próxima sincronización
    [number] Número
    [order] Pedido
    [pages] Páginas leídas
    [parked] Pedidos sin dueño
    [password] Contraseña
    [person] Persona
    [reason] Motivo
    [rejected] Rechazados en 7 días
    [role] Rol
    [secret_set] Secreto desde
    [seen] Pedidos vistos
    [sku_prefix] Prefijo de SKU
    [skus] SKU
    [slug] Nombre corto
    [state] Estado
    [sub] Id en el proveedor
    [subject] Qué
    [sync_enabled] Sincronizar en segundo plano
    [tenant] Marca
    [tenant_number] Número de la marca
    [unverified] Guardar sin probar la conexión
    [upstream_zone] Zona del reloj del almacén
    [username] Usuario
    [webhook] Webhook
    [why] Motivo
   *[zone] Zona horaria
}
admin-hint = { $what ->
    [assign] Es definitivo: un pedido nunca cambia de marca.
    [bare] Aún sin configurar. No leemos nada para esta marca.
    [client] Vacío: todo lo que el usuario puede ver.
    [credentials] Un usuario con su contraseña, o una clave fija. No se vuelven a mostrar.
    [credentials_keep] Deja los campos vacíos para conservarlas. Las nuevas valen para todas las marcas de la cuenta.
    [days] Vacío: no vence.
    [dismiss] Vuelve si cambia.
    [number] El número de la marca en la plataforma.
    [runs] Esta marca aún no se ha leído. Estas son las lecturas de su cuenta.
    [preview] No cambia nada: solo mira los pedidos que hoy no tienen dueño.
    [sku_prefix] Por ejemplo LADORE. Una cuenta compartida lo necesita.
    [slug] Minúsculas, cifras y guiones simples.
    [staff_tenant] Sin marca, solo para el equipo de la plataforma.
   *[sub] El nombre en sus tokens, como auth0|123.
}
admin-empty-title = { $what ->
    [accounts] Aún no hay cuentas
    [keys] Aún no hay claves
    [letters] No hay nada abandonado
    [parked] No hay pedidos sin dueño aquí
    [parked_found] Ningún pedido sin dueño coincide
    [people] No encontramos a nadie
   *[tenants] No encontramos marcas
}
admin-empty-text = { $what ->
    [accounts] Configura la logística de una marca y su cuenta aparece aquí.
    [keys] Crea una abajo para un programa que use la API.
    [letters] Aquí aparece lo que no se pudo leer o hacer.
    [parked] Aquí aparecen los pedidos de dueño dudoso, con su motivo.
    [parked_found] Prueba con otra búsqueda o mira todos.
    [people] Busca otra cosa o agrega a una persona abajo.
    [runs] Aún no hay sincronizaciones.
   *[tenants] Busca otra cosa o agrega una marca abajo.
}
admin-tenant-state = { $state ->
    [on] Activa
    [off] Desactivada
    [bare] Sin configurar
   *[paused] Sincronización en pausa
}
admin-person-state = { $state ->
    [on] Activa
   *[off] Desactivada
}
admin-key-state = { $state ->
    [good] Vigente
    [revoked] Revocada
   *[expired] Vencida
}
admin-account-state = { $state ->
    [ok] Al día
    [failing] Con fallas
    [late] Atrasada
    [unread] Aún sin leer
   *[idle] En pausa
}
admin-account-type = { $sort ->
    [shared] Compartida con otras marcas
   *[dedicated] Propia de esta marca
}
admin-credentials = { $kind ->
    [login] Usuario y contraseña
   *[api_key] Clave fija
}
admin-connection = { $state ->
    [ok] La conexión funciona.
    [refused] Mintsoft no nos deja entrar.
    [unreachable] Mintsoft no responde en este momento.
   *[not_tested] No se probó.
}
admin-run-state = { $state ->
    [queued] En cola
    [running] Leyendo
    [done] Listo
   *[failed] Falló
}
admin-platform = { $platform ->
    [shopify] Shopify
   *[woocommerce] WooCommerce
}
admin-parked-state = { $state ->
    [open] Por decidir
    [assigned] En proceso
   *[dismissed] Descartados
}
admin-parked-reason = { $reason ->
    [unknown_prefix] Prefijo de ninguna marca
    [ambiguous_prefix] Encaja en varias marcas
    [sku_disagrees] Los SKU no coinciden
    [no_sku] Ningún SKU lo confirma
    [foreign_client] Otro cliente del almacén
    [wrong_shape] No se puede leer la fila
    [owner_changed] Ahora parece de otra marca
   *[not_taken] No se pudo registrar
}
admin-letter-view = { $view ->
    [all] Por decidir
    [delivery] Avisos
    [job] Tareas
   *[dismissed] Descartados
}
admin-letter-kind = { $kind ->
    [delivery] Aviso
   *[job] Tarea
}
admin-dismissed-because = Descartado: { $reason }
admin-upstream-id = Mintsoft { $id }
admin-tenants-search = Nombre, nombre corto o número
admin-people-search = Nombre, correo o id
admin-parked-search = Número, SKU o id de Mintsoft
admin-never = Nunca
admin-not-planned = Sin programar
admin-all-clients = Todos
admin-choose-tenant = Elige una marca
admin-every-tenant = Todas las marcas
admin-no-tenant = De ninguna marca
admin-no-label = Sin etiqueta
admin-never-expires = No vence
admin-run-title = Sincronización
admin-run-changed = { $count ->
    [0] sin cambios
   *[other] { $count } con cambios
}
admin-key-made = Copia la clave ahora: solo se muestra esta vez.
admin-key-made-before = Este formulario ya creó su clave, y no se creó otra.
admin-key-made-before-text = El texto de la clave se mostró solo esa vez y no se guarda, así que no podemos repetirlo. Si no lo copiaste, revoca esta clave en la lista y crea otra.
admin-secret-of = Nuevo secreto del webhook de { $platform }
admin-older-until = El secreto anterior sigue vigente hasta el { $until }.
admin-assigned-to = Asignado a la marca { $tenant }
admin-failing-since = Falla desde el { $since }.
admin-budget = { $calls } por segundo
admin-blocked-until = Mintsoft pide esperar hasta el { $until }
admin-refused-until = Acceso rechazado; sin reintento hasta el { $until }
admin-key-age = clave de sesión creada { $age }
admin-prefix = prefijo { $prefix }
admin-preview-found = { $count ->
    [one] Encontraría { $count } pedido.
   *[other] Encontraría { $count } pedidos.
}
admin-preview-number-only = { $count ->
    [one] { $count } más lo lleva en su número, pero sus SKU no coinciden.
   *[other] { $count } más lo llevan en su número, pero sus SKU no coinciden.
}

## Un pedido

step-name = { $step ->
    [1] Recibido
    [2] En preparación
    [3] Despachado
    [4] En camino
   *[5] Entregado
}
steps-label = Avance del pedido
detail-back = Pedidos
refresh = Actualizar
refresh-news = { $count ->
    [0] Verificado recién: no hay novedades.
    [one] { $count } novedad desde la última vez. Está marcada en el historial.
   *[other] { $count } novedades desde la última vez. Están marcadas en el historial.
}
refresh-unread = No pudimos preguntarle al almacén. Lo que ves es de { $age }. Prueba otra vez en un momento.
news = Nuevo
timeline-title = Historial
timeline-cut = Se muestran los { $count } eventos más recientes. Los anteriores están en la API.
timeline-as-of = Cómo estaba el (hora de { $place })
timeline-as-of-show = Ver
as-of-banner = Así estaba el pedido el { $when } (hora de { $place }). Solo lectura.
as-of-leave = Volver a hoy
timeline-details = Detalles
timeline-upstream = Último cambio en el almacén
timeline-recorded = Registrado aquí
timeline-source = Fuente
timeline-actor = Quién
timeline-event = Evento
timeline-position = Posición en el registro
timeline-fingerprint = SHA-256
timeline-evidence = Ver la respuesta original
evidence-title = Respuesta original: { $order }
evidence-proof-good = SHA-256 comprobado: guardamos los { $bytes } bytes tal como llegaron. Abajo se muestran ordenados para leerlos.
evidence-download = Descargar los bytes originales
evidence-proof-bad = El SHA-256 no coincide. Avisa al equipo de la plataforma.
evidence-back = Volver al pedido
sealed-until = Sellado hasta la posición { $position } del registro, el { $when }.
sealed-not-yet = El registro aún no está sellado.
dossier-download = Descargar expediente verificable
delivery-title = Entrega
items-title = Productos
items-sku = SKU
items-quantity = Cantidad
items-total = Total
recipient-title = Destinatario
recipient-erased = Los datos personales de este pedido se borraron.
recipient-none = El almacén no indicó destinatario.
shop-title = Tienda
shop-order-label = Pedido
shop-none = Aún no está enlazado a un pedido de la tienda.
shop-unlink = Quitar el enlace con { $order }
shop-unlink-hint = El pedido { $order } de la tienda vuelve a «Faltan en el almacén», y ya no se enlaza solo con este pedido. Allí puedes enlazarlo a mano con otro.
shop-unlink-do = Quitar el enlace
shop-reference = Referencia
shop-channel = Canal
shop-tags = Etiquetas
parts-title = Partes del pedido
ordered-label = Pedido el
dispatched-label = Despachado
estimated-label = Entrega estimada
delivered-label = Entregado
courier-label = Courier
tracking-label = Tracking
parcels-label = Bultos
units = { $count ->
    [one] { $count } unidad
   *[other] { $count } unidades
}
weight-label = Peso
shipments-label = Envíos
shipment-followed = con seguimiento
shipment-not-followed = sin seguimiento
on-back-order = { $count ->
    [one] Falta { $count } en stock
   *[other] Faltan { $count } en stock
}
email-label = Correo
phone-label = Teléfono
mobile-label = Celular
notes-label = Indicaciones
recipient-comments-label = Comentarios
vanished-notice = El almacén ya no tiene este pedido desde el { $day }: lo unieron a otro o lo borraron.
status-label = Almacén
actor-person = Una persona
actor-program = Un programa con clave
actor-ledger = El sistema
words-erased = (Texto borrado junto con los datos personales)

cancel-button = Cancelar pedido
cancel-title = Cancelar { $order }
cancel-explain = Le pedimos al almacén que lo cancele ahora. Si ya empezó a prepararlo, puede negarse; lo sabrás aquí en unos segundos. No se puede deshacer desde aquí.
cancel-reason = Motivo
cancel-reason-hint = Queda en el historial del pedido.
cancel-send = Cancelar el pedido
cancel-keep = No cancelar
cancel-requested = Cancelación pedida el { $when } por { $who }. Esperando al almacén.
cancel-left = Cancelación pedida el { $when } por { $who }.
cancel-confirmed = Cancelado: lo pidió { $who } el { $when }.
cancel-accepted = El almacén aceptó la cancelación que pidió { $who } el { $when }, pero aún no la muestra.
cancel-undone = Se canceló porque lo pidió { $who } el { $when }, pero después el almacén lo reactivó.
cancel-refused = El almacén no aceptó la cancelación que pidió { $who } el { $when }.
cancel-not-done = No se hizo la cancelación que pidió { $who } el { $when }.
link-basis = { $basis ->
    [name] por su nombre
    [order_number] por su número
    [host] porque lo indicó la plataforma
   *[manual] a mano
}

conversation-title = Comentarios y documentos: { $order }
conversation-open = Comentarios y documentos
comments-title = Comentarios
comments-none = Aún no hay comentarios.
comments-erased = Los datos personales de este pedido se borraron; ya no se leen sus comentarios.
comment-label = Escribe al almacén
comment-internal-label = Solo para el personal del almacén
comment-internal = Interno
comment-under-way = En camino al almacén
comment-left = Sin confirmar
comment-refused = Rechazado
comment-not-done = No enviado
comment-send = Comentar
never-checked = No pudimos leerlo del almacén. Abre la página otra vez en un momento.
documents-title = Documentos
documents-none = El almacén no tiene documentos de este pedido.
documents-erased = Los datos personales de este pedido se borraron; ya no se leen sus documentos.
document-download = Descargar
document-preview = Vista previa
document-harmful = El almacén avisa que este archivo puede ser dañino. Ábrelo solo si confías en él.
document-differs = El almacén tiene otro contenido desde el { $when }.
document-kind = { $kind ->
    [COMMERCIAL-INVOICE] Factura comercial
    [ALTERNATIVE-DESPATCHNOTE] Nota de despacho
    [INVOICE] Factura
    [ORDERSPREADSHEET] Hoja del pedido
    [COURIERLABEL] Etiqueta del courier
    [ARCHIVECOURIERLABEL] Etiqueta archivada
    [ProductInfo] Información del producto
    [DANGEROUSGOODSDOCUMENT] Mercancía peligrosa
   *[other] Documento
}
kilobytes = { $size } KB
actor-warehouse = El almacén

event-discovered = Lo vimos por primera vez en el almacén: { $number }, en estado { $status }
event-renumbered = El número cambió a { $number }
event-reference = Cambió la referencia del pedido
event-status = De { $from } a { $to }
event-status-back = Volvió de { $from } a { $to }
event-courier = Courier asignado: { $courier }
event-courier-service = Courier asignado (servicio { $service })
event-courier-gone = Se quitó el courier
event-tracking = Tracking: { $number }
event-tracking-gone = Se quitó el tracking
event-dispatched = Salió del almacén
event-dispatch-withdrawn = El almacén retiró la fecha de despacho
event-parcels = { $count ->
    [one] Ahora va en { $count } bulto
   *[other] Ahora va en { $count } bultos
}
event-parcels-gone = El almacén ya no dice en cuántos bultos va
event-weight = Peso: { $weight }
event-weight-gone = El almacén ya no dice cuánto pesa
event-shipments = { $count ->
    [one] { $count } envío registrado con el courier
   *[other] { $count } envíos registrados con el courier
}
event-items = { $count ->
    [one] Cambiaron los productos: { $count } línea
   *[other] Cambiaron los productos: { $count } líneas
}
event-stock = Cambió la reserva de stock
event-recipient = Cambiaron los datos del destinatario
event-estimated = Entrega estimada: { $day }
event-estimated-gone = Ya no hay fecha estimada de entrega
event-part = El pedido se dividió: esta es la parte { $part } de { $parts }
event-part-whole = El pedido ya no está dividido
event-details = Cambiaron otros datos del pedido
event-vanished = El almacén ya no tiene el pedido
event-reappeared = El pedido volvió a aparecer en el almacén
event-erased = Se borraron los datos personales
event-scan = Courier: { $status }
event-delivered-scan = Entregado, según el courier
event-delivered-callback = Entregado, según el aviso del almacén
event-linked = Enlazado al pedido { $order } de la tienda, { $basis }
event-unlinked = Se quitó el enlace con { $order }
event-withheld = Retenido: no está claro de qué marca es
event-released = Se aclaró de qué marca es
event-promise-missed = { $promise ->
    [dispatch] Se pasó la fecha prometida de salida del almacén
    [news] El courier no informa desde hace 30 días
   *[delivery] Se pasó la fecha prometida de entrega
}
event-cancel-requested = { $who } pidió cancelar
event-cancel-confirmed = El almacén lo canceló
event-cancel-refused = El almacén no lo canceló
event-comment-requested = { $who } escribió al almacén
event-comment-posted = El comentario está en el sistema del almacén
event-comment-refused = El almacén no aceptó el comentario
event-comment-not-done = El comentario no llegó al almacén

## Problemas, por su código: qué pasó y qué hacer

problem-not_found = No hay nada en esta dirección; la API empieza con /api/v1.
problem-page_unknown = No existe esa página. Sigue desde la lista de pedidos.
problem-sign_in_needed = Inicia sesión y abre la página otra vez.
problem-no_brand = Aún no tienes ninguna marca asignada. Pídela al equipo de la plataforma.
problem-form_outdated = El formulario es de una página anterior. Abre la página otra vez y vuelve a enviarlo.
problem-form_invalid = No pudimos leer el formulario. Abre la página otra vez y vuelve a enviarlo.
problem-order_unknown = No existe ese pedido, o es de otra marca. Ábrelo desde la lista de pedidos.
problem-role_not_allowed = Tu rol no permite hacer esto. Pídeselo a quien administra tu marca.
problem-database_away = La base de datos no responde por ahora. Inténtalo otra vez en unos segundos.
problem-timed_out = Tardó demasiado y lo detuvimos. Pide menos, o inténtalo más tarde.
problem-internal = Algo salió mal de nuestro lado. Ya quedó registrado; dile al equipo de la plataforma el identificador de la solicitud.
problem-connection_refused = Mintsoft no acepta estos datos: revisa las credenciales, la dirección y el cliente. No se guardó nada.
problem-connection_untried = Mintsoft no responde en este momento y no se guardó nada. Intenta de nuevo o guarda sin probar la conexión (`unverified=true` en la API).
problem-tenant_exists = Ya existe una marca con este número o nombre corto. Elige otro.
problem-sku_prefix_taken = Otra marca de esta cuenta o de este acceso tiene el mismo prefijo. Cada una necesita el suyo.
problem-account_not_dedicated = Otra marca lee con este mismo acceso, y una de las dos tomaría los pedidos de la otra. Haz compartidas las dos, cada una con su prefijo, o dale a esta sus propias credenciales o su propio cliente.
problem-already_assigned = El pedido ya se asignó a una marca. Si aún no se registró en su historial, descártalo primero.
problem-order_has_owner = El pedido está en la historia de otra marca, y un pedido nunca cambia de marca.
problem-parked_order_settled = El pedido ya no está en espera. Mira la lista de nuevo.
problem-parked_order_unknown = No existe ese pedido sin dueño. Mira la lista de nuevo.
problem-letter_erased = Su contenido se borró un tiempo después de descartarlo: ya no hay nada que reintentar.
problem-letter_not_dead = Ya no está abandonado, u otra tarea hace lo mismo. Mira la lista de nuevo.
problem-letter_unknown = No existe ese mensaje fallido. Mira la lista de nuevo.
problem-logistics_config_missing = La logística de la marca aún no está configurada. Configúrala primero.
problem-sync_run_unknown = No existe esa sincronización de la cuenta de esta marca.
problem-changed_meanwhile = Otra persona lo cambió mientras tanto. Abre la página de nuevo y repite el cambio.

# Entrar y salir

sign-in-title = Inicia sesión
sign-in-lead = Entra con la cuenta de tu marca para ver tus pedidos.
sign-in-go = Iniciar sesión
sign-in-as-another = Entrar con otra cuenta
sign-in-elsewhere = Iniciar sesión (otra pestaña)
signed-out-title = Cerraste sesión
signed-out-lead = Ahora se cierra también tu sesión en el servicio de acceso.
signed-out-go = Continuar
problem-sign_in_away = El servicio de acceso no responde. Inténtalo de nuevo en unos minutos.
problem-sign_in_stray = Este inicio de sesión no empezó en este navegador o tardó demasiado. Inicia sesión otra vez.
problem-sign_in_refused = El servicio de acceso no te dejó entrar. Inicia sesión otra vez o habla con el equipo de la plataforma.
problem-sign_in_unproved = No se pudo comprobar la respuesta del servicio de acceso. Inicia sesión otra vez.
problem-sign_in_not_set_up = Aquí todavía no se puede iniciar sesión. El equipo de la plataforma tiene que configurarlo.

problem-order_unknown_then = En ese momento el pedido aún no se conocía. Elige una fecha u hora posterior.
problem-instant_unreadable = No entendimos la fecha. Escríbela como día y hora.
problem-evidence_unknown = No existe esa respuesta original, o se borró junto con los datos personales.
problem-link_unknown = No existe ese pedido pagado. Abre la lista otra vez.
problem-link_made = Este pedido pagado ya se enlazó mientras tanto. Para cambiarlo, quita primero ese enlace en la página de su pedido del almacén.
problem-link_not_made = Este pedido de la tienda no está enlazado, así que no hay nada que quitar. Abre la página otra vez.
problem-warehouse_order_unknown = Ningún pedido del almacén de la marca tiene ese número. Escríbelo completo, como sale en «Todos».
problem-warehouse_order_ambiguous = Varios pedidos del almacén tienen ese número. Abre el correcto y pega aquí la dirección de su página.
problem-warehouse_order_gone = Ese pedido ya no está en el sistema del almacén. Elige el que lo reemplazó.

problem-person_not_found = No existe esa persona. Toma el identificador de la lista de personas.
problem-session_over = Tu sesión terminó. Vuelve a entrar.
