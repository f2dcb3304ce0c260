//! Given a history, when a command, then events or a refusal: the framework's own scenarios in plain words.
//! Only tests use it.

use cqrs_es::test::TestFramework;

use super::LogisticsOrder;
use crate::order::{Command, OrderEvent, Refusal};

/// A history to start from.
pub(crate) struct Given(Vec<OrderEvent>);

/// A history and what is told or asked.
pub(crate) struct When(Vec<OrderEvent>, Command);

/// Starts a scenario.
pub(crate) fn given(history: Vec<OrderEvent>) -> Given {
    Given(history)
}

impl Given {
    pub(crate) fn when(self, command: Command) -> When {
        When(self.0, command)
    }
}

impl When {
    pub(crate) fn then(self, events: Vec<OrderEvent>) {
        TestFramework::<LogisticsOrder>::with(()).given(self.0).when(self.1).then_expect_events(events);
    }

    pub(crate) fn then_nothing(self) {
        self.then(vec![]);
    }

    pub(crate) fn then_refused(self, refusal: Refusal) {
        let result = TestFramework::<LogisticsOrder>::with(()).given(self.0).when(self.1).inspect_result();
        assert_eq!(result, Err(refusal));
    }
}
