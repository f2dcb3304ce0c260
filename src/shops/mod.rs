//! Shop webhooks: a paid order becomes "look for it in the warehouse".
