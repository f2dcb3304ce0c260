//! What may happen to an order in the warehouse: status moves, despatch, cancelling, copying, merging, and the
//! loss of personal data. Absent: splitting (`split`), scans (`tracking`) and permissions (`http`).

use rand::RngExt;

use super::callbacks::Occasion;
use super::error::WorldError;
use super::order::{Document, Note, Recipient, Shipment};
use super::reference::{self, status};
use super::stamp;
use super::world::{Kind, WAREHOUSE_USER, World};

impl World {
    /// Moves an order to any status, forward or backward, with what the warehouse writes on the way.
    pub fn set_status(&mut self, id: i64, to: i32, by: &str) -> Result<(), WorldError> {
        let from = self.order(id)?.status;
        let at = self.stamp();
        let mut written = Vec::new();
        let zone = self.settings.time_zone;
        match to {
            status::PICKINGSTARTED => {
                let tote = self.chance.random_range(1..=240);
                written.push(("PickingStartTime", stamp::write_spaced(at, zone)));
                written.push(("PickingUser", "picker@warehouse.example".to_owned()));
                written.push(("PickingType", "MultiOrder".to_owned()));
                written.push(("AssignedTote", format!("TOTE-{tote:03}")));
            }
            status::PICKED => written.push(("PickingFinishTime", stamp::write_spaced(at, zone))),
            status::QUERYRAISED | status::PACKANDHOLD => {
                written.push(("PreviousOrderStatusId", from.to_string()));
            }
            _ => {}
        }
        for (name, value) in written {
            let pair = self.name_value(name, value, "picker@warehouse.example");
            self.order_mut(id)?.name_values.push(pair);
        }
        let order = self.order_mut(id)?;
        if matches!(to, status::QUERYRAISED | status::PACKANDHOLD) {
            order.previous_status = Some(from);
        }
        if to == status::NEW {
            order.at_new_date = Some(at);
        }
        for item in &mut order.items {
            item.on_back_order = if to == status::ONBACKORDER { item.quantity } else { 0 };
        }
        if status::has_left(to) {
            order.despatch_date.get_or_insert(at);
            order.despatched_by.get_or_insert_with(|| WAREHOUSE_USER.to_owned());
        } else if to != status::CANCELLED {
            order.despatch_date = None;
            order.despatched_by = None;
        }
        order.status = to;
        order.last_updated = at;
        order.last_updated_by = Some(by.to_owned());
        if to == status::DESPATCHED {
            self.await_invoice(id, at);
        }
        if status::has_left(to) && !status::has_left(from) {
            self.call_back(Occasion::Despatched, id);
        } else if to == status::CANCELLED && from != status::CANCELLED {
            self.call_back(Occasion::Cancelled, id);
        }
        Ok(())
    }

    /// Despatches an order; with a number also books the shipment, without one it leaves untracked.
    pub fn despatch(&mut self, id: i64, tracking: Option<&str>, by: &str) -> Result<(), WorldError> {
        self.order(id)?;
        match tracking.map(str::trim).filter(|number| !number.is_empty()) {
            Some(number) => {
                let reports = {
                    let order = self.order(id)?;
                    reference::courier(order.courier_service_id).is_none_or(|courier| courier.reports_back)
                };
                self.add_shipment(id, number, reports, by)?;
                self.order_mut(id)?.tracking_number = Some(number.to_owned());
            }
            None => self.order_mut(id)?.tracking_number = None,
        }
        self.set_status(id, status::DESPATCHED, by)
    }

    /// Books a shipment with its label; `tracked` says whether scans are followed.
    pub fn add_shipment(
        &mut self,
        id: i64,
        number: &str,
        tracked: bool,
        by: &str,
    ) -> Result<i64, WorldError> {
        let courier_type = {
            let order = self.order(id)?;
            reference::courier(order.courier_service_id).map_or("Manual", |courier| courier.carrier)
        };
        let document_id = self.take_id(Kind::Document);
        let shipment_id = self.take_id(Kind::Shipment);
        let at = self.stamp();
        let order = self.order_mut(id)?;
        order.documents.push(Document {
            id: document_id,
            type_id: 5,
            file_name: "label.pdf".to_owned(),
            title: format!("Label {number}"),
            paper: "Label6x4",
            at,
            by: by.to_owned(),
        });
        let parcel_numbers: Vec<String> = number
            .split([',', ';', '|'])
            .map(|parcel| parcel.trim().to_owned())
            .filter(|parcel| !parcel.is_empty())
            .collect();
        order.parcels = order.parcels.max(i32::try_from(parcel_numbers.len()).unwrap_or(1));
        order.shipments.push(Shipment {
            id: shipment_id,
            order_id: id,
            document_id: Some(document_id),
            courier_type: courier_type.to_owned(),
            number: parcel_numbers.first().cloned().unwrap_or_default(),
            parcel_numbers,
            download_tracking_events: tracked,
            at,
            by: by.to_owned(),
        });
        Ok(shipment_id)
    }

    /// Cancels as a person in the warehouse would, whatever the settings say.
    pub fn cancel(&mut self, id: i64, by: &str) -> Result<(), WorldError> {
        self.set_status(id, status::CANCELLED, by)
    }

    /// Moves `LastUpdated` and nothing else.
    pub fn touch(&mut self, id: i64, by: &str) -> Result<(), WorldError> {
        self.edit(id, by, true, |_| ())
    }

    /// Writes a comment row; the order itself is not touched.
    pub fn comment(&mut self, id: i64, text: &str, admin: bool, by: &str) -> Result<i64, WorldError> {
        self.order(id)?;
        let note_id = self.take_id(Kind::Note);
        let at = self.stamp();
        let order = self.order_mut(id)?;
        let status = order.status;
        order.notes.push(Note { id: note_id, status, text: text.to_owned(), admin, at, by: by.to_owned() });
        Ok(note_id)
    }

    /// Adds a document row; the order itself is not touched.
    pub fn add_document(&mut self, id: i64, type_id: i32, file_name: &str) -> Result<i64, WorldError> {
        self.order(id)?;
        let document_id = self.take_id(Kind::Document);
        let at = self.stamp();
        self.order_mut(id)?.documents.push(Document {
            id: document_id,
            type_id,
            file_name: file_name.to_owned(),
            title: file_name.to_owned(),
            paper: "A4",
            at,
            by: WAREHOUSE_USER.to_owned(),
        });
        Ok(document_id)
    }

    /// Copies an order: a new one, NEW, its number with `-Copy` behind.
    pub fn copy(&mut self, id: i64, by: &str) -> Result<i64, WorldError> {
        let mut copy = self.order(id)?.clone();
        copy.id = self.take_id(Kind::Order);
        let at = self.stamp();
        copy.number.push_str("-Copy");
        copy.external_reference = None;
        copy.status = status::NEW;
        copy.order_date = at;
        copy.at_new_date = Some(at);
        (copy.part, copy.parts) = (1, 1);
        copy.shed();
        for item in &mut copy.items {
            item.id = self.take_id(Kind::Item);
            item.on_back_order = 0;
        }
        copy.last_updated = at;
        copy.last_updated_by = Some(by.to_owned());
        let copy_id = copy.id;
        self.insert(copy);
        Ok(copy_id)
    }

    /// Merges `absorbed` into `survivor`: the absorbed order is gone, the survivor is called `A+B`.
    pub fn merge(&mut self, survivor: i64, absorbed: i64, by: &str) -> Result<(), WorldError> {
        let client_id = self.order(survivor)?.client_id;
        if survivor == absorbed || self.order(absorbed)?.client_id != client_id {
            return Err(WorldError::CannotMerge(survivor, absorbed));
        }
        let gone = self.remove(absorbed)?;
        let pair = self.name_value("MergedOrder", "True".to_owned(), by);
        self.edit(survivor, by, true, |order| {
            order.number = format!("{}+{}", order.number, gone.number);
            order.items.extend(gone.items);
            order.name_values.extend(gone.name_values);
            order.name_values.push(pair);
        })
    }

    /// Strips name, address, e-mail and phone, as the retention rule does.
    pub fn remove_personal_data(&mut self, id: i64) -> Result<(), WorldError> {
        self.edit(id, super::world::SYSTEM_USER, true, |order| {
            let country = std::mem::take(&mut order.recipient.country);
            order.recipient = Recipient { country, ..Recipient::default() };
            order.pii_removed = true;
        })
    }
}
