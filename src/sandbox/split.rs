//! Splitting an order into parts that share its number. Absent: splitting a single line's quantity.

use super::callbacks::Occasion;
use super::error::WorldError;
use super::order::SplitRow;
use super::reference::status;
use super::world::{Kind, World};

impl World {
    /// Moves the named SKUs to a fresh part with the same number, and renumbers all parts.
    pub fn split(&mut self, id: i64, skus: &[&str], by: &str) -> Result<i64, WorldError> {
        let order = self.order(id)?;
        let leaves = |sku: &str| skus.iter().any(|wanted| wanted.eq_ignore_ascii_case(sku));
        let (gone, kept): (Vec<_>, Vec<_>) = order.items.iter().cloned().partition(|item| leaves(&item.sku));
        if gone.is_empty() || kept.is_empty() {
            return Err(WorldError::EmptyPart(id));
        }
        let mut part = order.clone();
        part.id = self.take_id(Kind::Order);
        let part_id = part.id;
        let at = self.stamp();
        part.items = gone;
        part.status = status::NEW;
        part.shed();
        let (client_id, number) = (part.client_id, part.number.clone());
        self.insert(part);
        let row_id = self.take_id(Kind::Split);
        let row = SplitRow { id: row_id, order_id: id, split_order_id: part_id, at, by: by.to_owned() };
        let order = self.order_mut(id)?;
        order.items = kept;
        order.splits.push(row);
        self.renumber(client_id, &number, by)?;
        self.call_back(Occasion::Split(part_id), id);
        Ok(part_id)
    }

    /// Writes `Part` n of m on all orders of one number, in the order of their ids.
    fn renumber(&mut self, client_id: i64, number: &str, by: &str) -> Result<(), WorldError> {
        let ids = self.numbered(client_id, number);
        let parts = i32::try_from(ids.len()).unwrap_or(i32::MAX);
        for (part, id) in (1..).zip(ids) {
            self.edit(id, by, true, |order| (order.part, order.parts) = (part, parts))?;
        }
        Ok(())
    }
}
