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
offline = Sin conexión con el servidor. Lo que ves puede estar desactualizado; volvemos a intentarlo solos.
copy-done = Copiado
moment-both-zones = { $place }: { $shown } · Almacén (Londres): { $warehouse }

## Errores

error-title = { $status ->
    [403] No tienes permiso para esto
    [404] No lo encontramos
    [409] Eso ya cambió
    [422] Falta corregir algo
    [429] Demasiados pedidos seguidos
    [503] El servicio no responde por ahora
   *[other] Algo salió mal
}
error-unknown = Algo salió mal de nuestro lado. Ya quedó registrado; inténtalo otra vez en un momento.
try-again = Intentar otra vez
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
    [missing] Pagados sin almacén
   *[all] Todos
}
search-label = Buscar pedidos
search-placeholder = Número, tracking, SKU o destinatario
search-submit = Buscar
filter-status = Estado
filter-courier = Courier
filter-dates = Fechas
filter-apply = Aplicar
filter-clear = Quitar
filter-clear-all = Quitar filtros
filter-remove = Quitar el filtro { $filter }
filter-any-courier = Cualquiera
filter-date-field = Fecha de
filter-date-field-name = { $field ->
    [dispatched_at] despacho
    [updated_at] último cambio
    [created_at] registro
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
column-sort = Ordenar por { $column }
orders-found = { $count ->
    [one] { $count } pedido
   *[other] { $count } pedidos
}
orders-found-at-least = Más de { $count ->
    [one] { $count } pedido
   *[other] { $count } pedidos
}
at-least = { $count }+
missing-range = { $count ->
    [one] { $count } pedido pagado que no está en el almacén
   *[other] { $count } pedidos pagados que no están en el almacén
}
pages-label = Páginas
page-next = Siguiente
page-first = Al inicio
copy-tracking = Copiar tracking { $number }
track-at-courier = Seguir { $number } en la web del courier (otra pestaña)
not-yet = Aún no
none-told = Sin dato
late = Atrasado
late-since = Atrasado: debía llegar el { $day }
late-dispatch = Atrasado: debía salir el { $day }
late-news = Atrasado: el courier no informa hace tiempo
delivered-on = Entregado el { $day }
part-of = Parte { $part } de { $parts }
checked-title = Verificado con el almacén { $age } ({ $source })
source-name = { $source ->
    [poll] consulta periódica
    [recheck] revisión
    [refresh] actualización al abrir
    [connect_action] aviso del almacén
    [shop_webhook] aviso de la tienda
    [user] persona
    [operator] equipo de la plataforma
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

## Pagados que no están en el almacén

missing-text = Pedidos pagados en la tienda que no encontramos en el almacén. Si aparecen después, se enlazan solos.
missing-shop-order = Pedido de la tienda
missing-since = Pagado
missing-looked-for = Buscado como
missing-attempts = Intentos
missing-reason = Motivo
missing-look-again = Buscar de nuevo
missing-looking = Buscando…
missing-empty-title = Todo lo pagado está en el almacén
missing-empty-text = Si un pedido pagado no llega al almacén, lo verás aquí con el motivo.
missing-asked = Buscamos { $order } otra vez. Si está en el almacén, se enlaza en unos segundos.
missing-default-reason = No está en el almacén

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
   *[other] Requiere atención
}
status-raw = Estado en el almacén: { $status }

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
problem-internal = Algo salió mal de nuestro lado. Ya quedó registrado; dile el código al equipo de la plataforma.
