//! What couriers write, as a table of the mapping: whoever changes a line raises its version.

use super::mapping::TextRule;
use super::words::CarrierPhase::{
    self, AttemptFail, AvailableForPickup, Delivered, Exception, InTransit, InfoReceived, OutForDelivery,
    Pending,
};

const fn t(phase: CarrierPhase, sub: u8, patterns: &'static str) -> TextRule {
    TextRule { patterns, courier: None, phase, sub }
}

const fn of(courier: &'static str, phase: CarrierPhase, sub: u8, patterns: &'static str) -> TextRule {
    TextRule { patterns, courier: Some(courier), phase, sub }
}

/// What goes wrong first, then what is over, then what is on the way: a text that tells of a failure may name the
/// delivery too.
pub(super) const TEXTS: &[TextRule] = &[
    // One courier's own words.
    of("olva", InTransit, 2, "registrado"),
    of("olva", OutForDelivery, 1, "asignado"),
    of("shalom", InTransit, 2, "en origen"),
    of("shalom", AvailableForPickup, 1, "en destino"),
    of("landmark", Exception, 1, "delivery failed"),
    of("inpost", Pending, 1, "created | offers prepared"),
    of("inpost", InfoReceived, 1, "confirmed"),
    of("inpost", Exception, 13, "missing"),
    // Refused, returned, held, lost.
    t(Exception, 9, "rejected by carrier"),
    t(Exception, 3, "refused | rejected by | rehusado | rechazado"),
    t(Exception, 2, "no longer at * address | has moved | cambio de domicilio"),
    t(
        Exception,
        11,
        "returned to sender | returned to shipper | returned to the sender | delivered to sender | \
        delivered to the sender | delivered to original sender | delivered to the original sender | \
        delivered to shipper | delivered to the shipper | delivered back to | devuelto | devuelta | \
        devuelto al remitente | entregado al remitente | entregada al remitente | entregado a remitente | \
        entregada a remitente | entrega al remitente | entregado en origen al remitente",
    ),
    t(
        Exception,
        10,
        "returning | return to sender | return to shipper | en devolucion | proceso de devolucion | \
        retornado | en retorno",
    ),
    t(
        Exception,
        7,
        "wrong address | incorrect address | address incorrect | address is incorrect | \
        apartment number | direccion incorrecta | direccion incompleta | direccion errada",
    ),
    t(Exception, 8, "pickup time expired | not collected | no retirado"),
    t(Exception, 4, "documentation is required | clearance delay | retenido en aduana"),
    t(Exception, 6, "duties or taxes | taxes are due | held for payment"),
    t(Exception, 5, "severe weather | running late | delayed | delay in | demora | retrasado | retraso"),
    t(Exception, 12, "damaged | danado | averiado"),
    t(
        Exception,
        13,
        "investigation to locate | lost | en investigacion | extraviado | perdido | siniestrado",
    ),
    t(
        Exception,
        1,
        "falla durante el recojo | item retention | cerrado por incidencia | aclaracion en proceso | \
        incautado | canceled | cancelled | cancelado | on hold",
    ),
    // A failed attempt.
    t(
        AttemptFail,
        2,
        "customer not available | receiver was not available | recipient not available | \
        addressee not available | nobody was in | nobody in | no one was | not home | not at home | \
        didnt seem to be anyone | ausente | no se encontraba | available for redelivery",
    ),
    t(AttemptFail, 3, "business was closed | business closed | local cerrado | domicilio cerrado"),
    t(OutForDelivery, 4, "arrange a redelivery | hold for a future"),
    t(
        AttemptFail,
        1,
        "delivery attempted | attempted delivery | delivery attempt | attempt at delivery | \
        delivery failed | failed delivery | delivery unsuccessful | unsuccessful delivery | \
        unable to deliver | unable to be delivered | could not deliver | could not be delivered | \
        couldnt deliver | couldnt be delivered | due for redelivery | will try again | notice left | \
        carded | falla * entrega | intento de entrega | entrega fallida | no entregado | \
        no entregada | reprogramado | confirmacion telefonica | undelivered | not delivered",
    ),
    // On its last way, whatever is told of the hour.
    t(
        OutForDelivery,
        1,
        "out for delivery | due for delivery today | camino a entregar | en reparto | en ruta de entrega | \
        salio a reparto | salio a ruta",
    ),
    // A delivery that is still to come.
    t(
        InTransit,
        1,
        "not yet delivered | pendiente de entrega | will be delivered | should be delivered | \
        to be delivered | sera entregado | sera entregada | por entregar",
    ),
    t(OutForDelivery, 1, "being delivered"),
    // To be fetched.
    t(
        AvailableForPickup,
        1,
        "delivered * collection point | delivered by driver to pickup | delivered to * parcelshop | \
        delivered to * locker | ready for you to collect | ready to collect | ready to pick up | \
        ready for recipient pickup | ready for pickup | ready for collection | awaiting collection | \
        available for pickup | available for collection | pickup reminder | confirmacion en tienda | \
        puede recogerlo | punto droop | reclamar en oficina | listo para recoger | listo para recojo | \
        listo para retiro | disponible para recojo | disponible para retiro",
    ),
    // A courier takes it over.
    t(
        InTransit,
        2,
        "collected from sender | collected from the sender | taken by courier from | \
        accepted at parcelshop | weve got your parcel | has received your parcel | \
        posted by the sender | by the sender at | machine by the sender | tendered at | origin scan | \
        pickup scan | acceptance scan | esta recogiendo | recepcion tienda | admitido | \
        recibido del cliente | recibido en oficina | mercancia recogida | delivered by sender | \
        delivered by the sender | delivered by shipper | entregado por el remitente | \
        entregada por el remitente | entregado por remitente",
    ),
    // Handed on, from one who carries it to another.
    t(
        InTransit,
        2,
        "delivered to carrier | delivered to the carrier | delivered to local carrier | \
        delivered to last mile carrier | delivered to final carrier | delivered to destination carrier | \
        delivered to courier | delivered to the courier | delivered to delivery partner | \
        delivered to transport company | entregado al transportista | entregada al transportista | \
        entregado a transportista | entregada a transportista | entregado al transporte | \
        entregado a la transportadora | entregado a la empresa de transporte | entregado al courier | \
        entregada al courier | entregado a courier | entregado al operador logistico",
    ),
    t(
        InTransit,
        3,
        "delivered to depot | delivered to the depot | delivered to local depot | \
        delivered to delivery depot | delivered to hub | delivered to the hub | delivered to agency | \
        delivered to the agency | delivered to local agency | delivered to sorting centre | \
        delivered to sorting center | delivered to the sorting centre | delivered to warehouse | \
        delivered to the warehouse | entregado a agencia | entregada a agencia | entregado a la agencia | \
        entregada a la agencia | entregado al almacen | entregada al almacen | entregado al deposito | \
        entregado al centro de distribucion | entregada al centro de distribucion",
    ),
    // Delivered.
    t(Delivered, 3, "delivered and signed | delivered * signed | signed for by"),
    t(
        Delivered,
        2,
        "collected by the customer | collected by customer | item was collected from | \
        collected from * store | recipient has picked up | picked up by the customer | \
        picked up by the recipient | recogido por el cliente | retirado por el cliente",
    ),
    t(
        Delivered,
        1,
        "delivered | entregado | entregada | entrega exitosa | entrega verificada | entrega realizada",
    ),
    t(InTransit, 2, "picked up"),
    // The carrier knows of it.
    t(
        InfoReceived,
        1,
        "sender despatching | sender has advised | notified to | instruction data | ready for ups | \
        created a label | label created | shipment information sent | shipment data uploaded | \
        information transmitted | told about your parcel | recien ingresado | pase a planeamiento | \
        paso a planeamiento | es ofrecido | camino a recoger | punto de recojo | alistamiento | \
        guia generada | a recibir por | registrado",
    ),
    // On its last way.
    t(
        OutForDelivery,
        1,
        "vehicle for delivery | onto the delivery vehicle | on vehicle | with your driver | \
        with delivery courier | courier for delivery | on a delivery route | on its way to the consignee | \
        punto de entrega | en proceso de entrega | zona de distribucion | distribucion urbana",
    ),
    // Customs and countries.
    t(InTransit, 6, "customs inspection | customs clearance | available for clearance | inspeccion aduanera"),
    t(InTransit, 5, "released by the customs | customs cleared | nacionalizada | nacionalizado"),
    t(InTransit, 4, "arrived in the destination country"),
    t(InTransit, 9, "redirected"),
    // Moving.
    t(InTransit, 3, "we have your item at | has reached"),
    t(
        InTransit,
        7,
        "departed | departing | departure scan | despatched to | has left | left * facility | \
        sent from branch | despachado | salio a | en ruta foranea",
    ),
    t(
        InTransit,
        3,
        "arrived at | arrival at | arrival scan | accepted at | processed at | has been processed in | \
        scanned at | at parcel delivery centre | at the parcel dispatch centre | at the national hub | \
        at local | ingreso al centro | ingresado a bodega | llegada a centro | terminal origen | \
        terminal destino | en destino",
    ),
    t(
        InTransit,
        1,
        "mis sort | re routed it | processing at | we have your parcel | in transit | on its way | \
        on the way | arriving on time | arriving early | crossing border | left depot | \
        tracking en guia | recepcion guia | valija | en procesamiento | en transito | en transporte | \
        en camino | viajando | movimiento en centro | movimiento local",
    ),
];
