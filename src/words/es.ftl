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

## Problemas, por su código: qué pasó y qué hacer

problem-not_found = No hay nada en esta dirección; la API empieza con /api/v1.
