//! Vacations: service stops on a day and comes back, by itself or when somebody says so. A pause is a gap between phases;
//! one without a day to come back is kept as the end of the last phase, of a subscription that has none.

use chrono::NaiveDate;

use super::{Course, Phase, label};
use crate::kit::period::short_day;
use crate::kit::{Error, Result};
use crate::movements::PAUSED;
use crate::subscriptions::model::Pause;

impl Course {
    /// The pause that is under way, else the next one to come.
    pub fn pause(&self, today: NaiveDate) -> Option<Pause> {
        let gap = self.phases.windows(2).find_map(|pair| {
            let from = pair[0].ends_on.filter(|from| *from < pair[1].starts_on && pair[1].starts_on > today)?;
            Some(Pause { from, until: Some(pair[1].starts_on) })
        });
        let open = || self.last().ends_on.filter(|_| self.on_hold).map(|from| Pause { from, until: None });
        gap.or_else(open)
    }

    /// No service from `on` until `until`, or until somebody resumes it.
    pub fn paused(&self, on: NaiveDate, until: Option<NaiveDate>, today: NaiveDate) -> Result<Self> {
        let end = self.open_until(today)?;
        match self.pause(today) {
            Some(pause) if pause.from <= today => return Err(Error::Conflict("It is paused already.".into())),
            Some(pause) => {
                let from = short_day(pause.from);
                return Err(Error::Conflict(format!("A pause from {from} is set already. Take it back first.")));
            }
            None => {}
        }
        if on < today {
            return Err(Error::field("at", "must not lie in the past"));
        }
        if on <= self.started_on() {
            return Err(Error::field("at", format!("must lie after {}, the day it starts", short_day(self.started_on()))));
        }
        if end.is_some_and(|end| end <= on) {
            return Err(Error::field("at", format!("must be before {}, when service ends", label(end))));
        }
        match (until, end) {
            (Some(until), _) if until <= on => Err(Error::field("resumes_on", "must lie after the day on which the pause begins")),
            (Some(until), Some(end)) if until >= end => {
                Err(Error::field("resumes_on", format!("must be before {}, when service ends", short_day(end))))
            }
            (None, Some(end)) => {
                let why = format!("It is set to end on {}: say on which day before it comes back, or end it sooner.", short_day(end));
                Err(Error::field("resumes_on", why))
            }
            (until, _) => self.apart_from_changes(on, until).map(|()| self.without(on, until)),
        }
    }

    /// Service again from `on`; a pause that has not begun by then is taken back.
    pub fn resumed(&self, on: NaiveDate, today: NaiveDate) -> Result<Self> {
        let end = self.open_until(today)?;
        let Some(pause) = self.pause(today) else { return Err(Error::Conflict("It is not paused.".into())) };
        if on < today {
            return Err(Error::field("at", "must not lie in the past"));
        }
        if end.is_some_and(|end| end <= on) {
            return Err(Error::field("at", format!("must be before {}, when service ends", label(end))));
        }
        if pause.until == Some(on) {
            return Err(Error::field("at", "is the day on which it comes back already"));
        }
        let healed = self.healed(pause);
        if on <= pause.from {
            return Ok(healed);
        }
        healed.apart_from_changes(pause.from, Some(on))?;
        Ok(healed.without(pause.from, Some(on)))
    }

    /// Whether no change is set for a day in a pause: taken back, it could not be put there again.
    fn apart_from_changes(&self, on: NaiveDate, until: Option<NaiveDate>) -> Result<()> {
        let within = |day: NaiveDate| on < day && until.is_none_or(|until| day < until);
        match self.phases.iter().map(|phase| phase.starts_on).find(|day| within(*day)) {
            Some(day) if until.is_none() => {
                Err(Error::field("at", format!("must lie after {}, when a change takes effect", short_day(day))))
            }
            Some(day) => Err(Error::field("resumes_on", format!("must not lie after {}, when a change takes effect", short_day(day)))),
            None => Ok(()),
        }
    }

    /// As it was before a pause: the phase before it goes on, up to the one after it.
    pub(super) fn healed(&self, pause: Pause) -> Self {
        let mut course = self.clone();
        let Some(at) = course.phases.iter().rposition(|phase| phase.ends_on == Some(pause.from)) else { return course };
        let Some(after) = course.phases.get(at + 1).cloned() else {
            for phase in course.phases.iter_mut().filter(|phase| phase.ends_on == Some(pause.from)) {
                phase.end_reason = None;
            }
            (course.phases[at].ends_on, course.on_hold) = (None, false);
            return course;
        };
        let before = &mut course.phases[at];
        if before.priced == after.priced {
            (before.ends_on, before.end_reason) = (after.ends_on, after.end_reason);
            course.phases.remove(at + 1);
        } else {
            (before.ends_on, before.end_reason) = (Some(pause.from), None);
            course.phases[at + 1].starts_on = pause.from;
        }
        course.settled()
    }

    /// With the days from `on` to `until` taken out, or all from `on`. There must be a phase before `on`, and one on `until`.
    pub(super) fn without(&self, on: NaiveDate, until: Option<NaiveDate>) -> Self {
        let mut course = self.clone();
        course.phases.clear();
        for phase in &self.phases {
            let (starts_on, ends_on) = (phase.starts_on, phase.ends_on);
            // What would begin with the pause is kept for the day that it ends on.
            if starts_on < on || starts_on == on && until.is_none() {
                let cut = ends_on.is_none_or(|end| end >= on);
                let (ends_on, end_reason) = if cut { (Some(on), Some(PAUSED.to_owned())) } else { (ends_on, phase.end_reason.clone()) };
                course.phases.push(Phase { ends_on, end_reason, ..phase.clone() });
            }
            if let Some(until) = until.filter(|until| ends_on.is_none_or(|end| end > *until)) {
                // What goes on where it was cut is a new stretch; what begins after the day of the pause stays itself.
                let id = if starts_on < on { None } else { phase.id };
                course.phases.push(Phase { id, starts_on: starts_on.max(until), ..phase.clone() });
            }
        }
        course.on_hold = until.is_none();
        course.settled()
    }
}

/// Why a verb cannot count on a day in a pause.
pub(super) fn in_pause(pause: Pause) -> Error {
    match pause.until {
        Some(until) => Error::field("at", format!("must be {} or later: it is paused until then", short_day(until))),
        None => Error::Conflict("It is paused. Resume it first.".into()),
    }
}
