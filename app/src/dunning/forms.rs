//! What people fill in, as typed, and the rules that make it valid.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::model::{NewPolicy, Step, StepAction};
use crate::kit::Result;
use crate::kit::form::Check;

/// Rows of the form of a policy, and the most steps that one has.
pub const STEPS_MAX: usize = 12;
/// The last day that a step can be on.
pub const DAY_MAX: i64 = 365;

/// A policy as its form sends it: the days and what is done on them, by row. A row without a day is no step.
#[derive(Clone, Debug, Default)]
pub struct PolicyForm {
    pub name: String,
    pub default: bool,
    pub day: BTreeMap<String, String>,
    pub action: BTreeMap<String, String>,
}

impl PolicyForm {
    pub fn parse(&self) -> Result<NewPolicy> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 80);
        let mut steps = Vec::new();
        for row in 0..STEPS_MAX {
            let key = row.to_string();
            let day = self.day.get(&key).map(String::as_str).unwrap_or_default().trim();
            if day.is_empty() {
                continue;
            }
            let field = format!("day[{row}]");
            let day = check.whole(&field, day, 1, DAY_MAX);
            let word = self.action.get(&key).map(String::as_str).unwrap_or_default();
            match word.parse::<StepAction>() {
                Ok(action) => steps.push(Step { day: i32::try_from(day).unwrap_or(1), action }),
                Err(why) => check.refuse(&format!("action[{row}]"), why),
            }
        }
        if let Err(why) = valid(&mut steps) {
            check.refuse("day[0]", why);
        }
        let default = self.default;
        check.done(|| NewPolicy { name, default, steps })
    }
}

/// Puts steps in order; says what is wrong with them.
pub fn valid(steps: &mut [Step]) -> Result<(), &'static str> {
    steps.sort_by_key(|s| s.day);
    if steps.is_empty() {
        return Err("needs at least one step");
    }
    if steps.len() > STEPS_MAX {
        return Err("has too many steps: at most 12");
    }
    if steps.iter().any(|s| !StepAction::OFFERED.contains(&s.action)) {
        return Err("has a step that cannot be done here yet");
    }
    if steps.iter().any(|s| !(1..=DAY_MAX).contains(&i64::from(s.day))) {
        return Err("has a day outside of 1 to 365");
    }
    let end = steps.iter().position(|s| s.action == StepAction::WriteOff);
    if end.is_some_and(|at| at + 1 < steps.len()) {
        return Err("must end where the invoice is written off");
    }
    if steps.iter().position(|s| s.action.is_harsh()).is_some_and(|at| !steps[..at].iter().any(|s| s.action == StepAction::Email)) {
        return Err("must send a reminder before it takes anything away");
    }
    Ok(())
}

/// A promise: the day, and what there is to say about it.
pub fn promise(day: &str, note: &str) -> Result<(NaiveDate, Option<String>)> {
    let mut check = Check::default();
    let (day, note) = (check.day("promised_on", day), check.optional_text("note", note, 300));
    check.done_with(day.map(|day| (day, note)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::model::SHIPPED;
    use crate::kit::Error;

    fn form(steps: &[(&str, &str)]) -> PolicyForm {
        let column = |of: fn(&(&str, &str)) -> String| steps.iter().enumerate().map(|(row, s)| (row.to_string(), of(s))).collect();
        PolicyForm { name: "Gentle".into(), default: false, day: column(|s| s.0.into()), action: column(|s| s.1.into()) }
    }

    fn refused(steps: &[(&str, &str)], field: &str) -> bool {
        match form(steps).parse() {
            Err(Error::Invalid(fields)) => fields.first(field).is_some(),
            _ => false,
        }
    }

    #[test]
    fn steps_come_in_order_and_blank_rows_are_none() {
        let policy = form(&[("7", "email"), ("", "retry"), ("2", "retry"), ("20", "suspend")]).parse().expect("valid");
        let days: Vec<i32> = policy.steps.iter().map(|s| s.day).collect();
        assert_eq!(days, [2, 7, 20]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_row() {
        assert!(refused(&[], "day[0]"));
        assert!(refused(&[("1", "email"), ("400", "retry")], "day[1]"));
        assert!(refused(&[("1", "shout")], "action[0]"));
        assert!(refused(&[("1", "sms")], "day[0]"), "not yet");
        assert!(refused(&[("1", "suspend"), ("5", "email")], "day[0]"), "no warning");
        assert!(refused(&[("1", "email"), ("5", "write_off"), ("9", "retry")], "day[0]"));
    }

    #[test]
    fn the_shipped_policy_is_valid() {
        assert_eq!(valid(&mut SHIPPED.to_vec()), Ok(()));
    }
}
