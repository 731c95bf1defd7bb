//! The rules: what each verb makes of a subscription's phases. Pure; a preview and the verb itself run the same code.

mod pause;

use chrono::NaiveDate;

use super::model::{PhaseId, SubscriptionStatus};
use super::schedule::Grid;
use crate::kit::money::Money;
use crate::kit::period::{Interval, Period, short_day};
use crate::kit::{Error, Result};
use crate::movements::{PAUSED, PaidStretch, Rate};
use crate::plans::{PlanId, PlanVersionId};

/// What is sold at which price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub plan: PlanId,
    /// The version whose charges come with it, and whose price it is unless that is the subscription's own; `None` where it
    /// was sold for an own price and nothing else.
    pub version: Option<PlanVersionId>,
    /// Of one unit for one interval.
    pub unit_amount: Money,
    pub interval: Interval,
    pub quantity: i64,
}

/// Terms with what they come to in a month, in the seller's currency at the rate kept with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    pub terms: Terms,
    pub rate: Rate,
    pub mrr_minor: i64,
}

/// A stretch at one set of terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// `None` until it is stored.
    pub id: Option<PhaseId>,
    pub priced: Priced,
    pub starts_on: NaiveDate,
    /// The first day after it; `None` while open.
    pub ends_on: Option<NaiveDate>,
    /// The first day in MRR: the later of its start and the end of the trial.
    pub pays_from: NaiveDate,
    /// Why service ended with it.
    pub end_reason: Option<String>,
}

impl Phase {
    fn covers(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && self.ends_on.is_none_or(|end| day < end)
    }

    /// As the movement log reads it.
    pub fn stretch(&self) -> PaidStretch {
        PaidStretch {
            plan: self.priced.terms.plan.0,
            from: self.pays_from,
            until: self.ends_on,
            mrr_minor: self.priced.mrr_minor,
            reason: self.end_reason.clone(),
        }
    }
}

/// A subscription's phases, by their start; never empty, never overlapping; a gap is time without service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    pub trial_ends_on: Option<NaiveDate>,
    /// The day of the month that billing periods begin on; `None`: the anniversary.
    pub anchor_day: Option<u32>,
    pub phases: Vec<Phase>,
    /// The last phase was ended by a pause, and nobody has said when service comes back.
    pub on_hold: bool,
}

impl Course {
    /// A new subscription.
    pub fn start(priced: Priced, on: NaiveDate, trial_ends_on: Option<NaiveDate>, ends_on: Option<NaiveDate>) -> Result<Self> {
        if trial_ends_on.is_some_and(|end| end < on) {
            return Err(Error::field("trial_ends_on", "must not lie before the start"));
        }
        if ends_on.is_some_and(|end| end < on) {
            return Err(Error::field("ends_on", "must not lie before the start"));
        }
        let phase = Phase { id: None, priced, starts_on: on, ends_on, pays_from: on, end_reason: None };
        Ok(Self { trial_ends_on: trial_ends_on.filter(|end| *end > on), anchor_day: None, phases: vec![phase], on_hold: false }.settled())
    }

    pub fn first(&self) -> &Phase {
        &self.phases[0]
    }

    pub fn last(&self) -> &Phase {
        &self.phases[self.phases.len() - 1]
    }

    pub fn started_on(&self) -> NaiveDate {
        self.first().starts_on
    }

    /// The first day without service for good, past or to come.
    pub fn ended_on(&self) -> Option<NaiveDate> {
        self.last().ends_on.filter(|_| !self.on_hold)
    }

    /// What begins on a day, and whether something ends: how that is billed is noted by the day.
    pub fn turns(&self, day: NaiveDate) -> (Option<Priced>, bool) {
        let begins = self.phases.iter().find(|phase| phase.starts_on == day).map(|phase| phase.priced);
        (begins, self.phases.iter().any(|phase| phase.ends_on == Some(day)))
    }

    fn phase_on(&self, day: NaiveDate) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.covers(day))
    }

    pub fn status(&self, today: NaiveDate) -> SubscriptionStatus {
        status(self.started_on(), self.trial_ends_on, self.ended_on(), self.phase_on(today).is_some(), today)
    }

    /// What it pays a month at the end of `day`.
    pub fn mrr_on(&self, day: NaiveDate) -> i64 {
        self.phase_on(day).filter(|phase| phase.pays_from <= day).map_or(0, |phase| phase.priced.mrr_minor)
    }

    /// When the billing period that `today` is in ends: the next anchor day, or counted from the day the present
    /// interval was first paid for; in a trial, its end. `None` out of service.
    pub fn period_end(&self, today: NaiveDate) -> Option<NaiveDate> {
        let (anchor, interval) = self.anchor(today)?;
        Some(if anchor > today { anchor } else { Grid::new(anchor, interval, self.anchor_day).around(today).end })
    }

    /// The billing period that `day` is in, from its first paid day; in a trial, the days of it that were served. `None`
    /// out of service.
    pub fn period_around(&self, day: NaiveDate) -> Option<Period> {
        let (anchor, interval) = self.anchor(day)?;
        if anchor > day {
            return Some(Period { start: self.started_on(), end: anchor });
        }
        let whole = Grid::new(anchor, interval, self.anchor_day).around(day);
        Some(Period { start: whole.start.max(anchor), end: whole.end })
    }

    /// The day that the periods of the interval in force on a day are counted from.
    fn anchor(&self, day: NaiveDate) -> Option<(NaiveDate, Interval)> {
        let at = self.phases.iter().position(|phase| phase.covers(day))?;
        let interval = self.phases[at].priced.terms.interval;
        let mut anchor = self.phases[at].pays_from;
        for pair in self.phases[..=at].windows(2).rev() {
            if pair[0].ends_on != Some(pair[1].starts_on) || pair[0].priced.terms.interval != interval {
                break;
            }
            anchor = pair[0].pays_from;
        }
        Some((anchor, interval))
    }

    /// From `on`: other terms until the end. Changes still to come after `on` give way to this one.
    pub fn change(&self, priced: Priced, on: NaiveDate, today: NaiveDate) -> Result<Self> {
        let end = self.open_until(today)?;
        let on = self.not_before_start(on, today)?;
        match self.pause(today) {
            Some(pause) if pause.covers(on) => return Err(pause::in_pause(pause)),
            // What was set first stays set.
            Some(pause) if on < pause.from => {
                return Ok(self.healed(pause).change(priced, on, today)?.without(pause.from, pause.until));
            }
            _ => {}
        }
        if end.is_some_and(|end| end <= on) {
            return Err(Error::field("at", format!("must be before {}, when service ends", label(end))));
        }
        if self.phase_on(on).is_none() {
            return Err(Error::field("at", "must be a day with service"));
        }
        let mut course = self.without_later(on, today)?;
        let (dropped, reason) = (course.phases.len() < self.phases.len(), self.last().end_reason.clone());
        let last = course.tail();
        let same = last.priced.terms == priced.terms;
        if same && !dropped {
            return Err(Error::field("", "This changes nothing: plan, price and quantity are what they are already."));
        }
        if same || last.starts_on == on {
            last.priced = if same { last.priced } else { priced };
            (last.ends_on, last.end_reason) = (end, reason);
        } else {
            (last.ends_on, last.end_reason) = (Some(on), None);
            course.phases.push(Phase { id: None, priced, starts_on: on, ends_on: end, pays_from: on, end_reason: reason });
        }
        Ok(course.settled())
    }

    /// No service from `on`. Changes still to come after it are dropped.
    pub fn cancel(&self, on: NaiveDate, reason: Option<String>, today: NaiveDate) -> Result<Self> {
        self.open_until(today)?;
        let on = self.not_before_start(on, today)?;
        let mut course = self.without_later(on, today)?;
        let (dropped, held) = (course.phases.len() < self.phases.len(), self.on_hold);
        let last = course.tail();
        // In a pause, service is over since it began, and what was lost then was lost to the pause.
        if !(dropped || held) || last.ends_on.is_none_or(|end| end > on) {
            last.ends_on = Some(on);
        }
        if last.end_reason.as_deref() != Some(PAUSED) || last.ends_on.is_none_or(|end| end > today) {
            last.end_reason = reason;
        }
        course.on_hold = false;
        Ok(course.settled())
    }

    /// Before the end: takes the cancellation back. After it: service again from `on`, at `priced`.
    pub fn reactivate(&self, priced: Priced, on: NaiveDate, today: NaiveDate) -> Result<Self> {
        let Some(end) = self.ended_on() else { return Err(Error::Conflict("It is not cancelled.".into())) };
        let mut course = self.clone();
        let last = course.tail();
        if end > today {
            (last.ends_on, last.end_reason) = (None, None);
            return Ok(course.settled());
        }
        if on < end || on > today {
            return Err(Error::field("at", format!("must lie from {} to today", short_day(end))));
        }
        if on == end && last.priced.terms == priced.terms {
            (last.ends_on, last.end_reason) = (None, None);
        } else if last.starts_on == on {
            *last = Phase { id: last.id, priced, starts_on: on, ends_on: None, pays_from: on, end_reason: None };
        } else {
            course.phases.push(Phase { id: None, priced, starts_on: on, ends_on: None, pays_from: on, end_reason: None });
        }
        Ok(course.settled())
    }

    /// The trial, which must be under way, ends on another day; today: it ends now.
    pub fn end_trial_on(&self, on: NaiveDate, today: NaiveDate) -> Result<Self> {
        self.open_until(today)?;
        if self.trial_ends_on.is_none_or(|end| end <= today) {
            return Err(Error::Conflict("There is no trial under way.".into()));
        }
        if on < today || on < self.started_on() {
            return Err(Error::field("ends_on", "must not lie in the past, nor before the start"));
        }
        if self.trial_ends_on == Some(on) {
            return Err(Error::field("ends_on", "is the day on which it ends already"));
        }
        Ok(Self { trial_ends_on: Some(on).filter(|end| *end > self.started_on()), ..self.clone() }.settled())
    }

    /// The end to come, if any; an error where it is past.
    fn open_until(&self, today: NaiveDate) -> Result<Option<NaiveDate>> {
        match self.ended_on() {
            Some(end) if end <= today => Err(Error::Conflict(format!("It ended on {}. Reactivate it first.", short_day(end)))),
            end => Ok(end),
        }
    }

    /// `on`, moved to the start of what has not started yet.
    fn not_before_start(&self, on: NaiveDate, today: NaiveDate) -> Result<NaiveDate> {
        let start = self.started_on();
        if on >= start {
            Ok(on)
        } else if start > today {
            Ok(start)
        } else {
            Err(Error::field("at", format!("must not lie before {}, when it started", short_day(start))))
        }
    }

    /// Without the phases that start after `on`, which must be still to come: what has happened is not undone.
    fn without_later(&self, on: NaiveDate, today: NaiveDate) -> Result<Self> {
        if let Some(begun) = self.phases.iter().rev().find(|phase| phase.starts_on > on && phase.starts_on <= today) {
            let day = short_day(begun.starts_on);
            return Err(Error::field("at", format!("must not lie before {day}, when the latest change took effect")));
        }
        let mut course = self.clone();
        let mut first = true;
        course.phases.retain(|phase| std::mem::take(&mut first) || phase.starts_on <= on);
        Ok(course)
    }

    fn tail(&mut self) -> &mut Phase {
        let at = self.phases.len() - 1;
        &mut self.phases[at]
    }

    /// With paying days that follow from the trial, and without stretches of no day: what ended them ends the one before.
    fn settled(mut self) -> Self {
        // What a pause ends on its first day is what service comes back with.
        let held = usize::from(self.on_hold);
        for at in (1..self.phases.len().saturating_sub(held)).rev() {
            if self.phases[at].ends_on == Some(self.phases[at].starts_on) {
                let gone = self.phases.remove(at);
                if at == self.phases.len() && self.phases[at - 1].ends_on == gone.ends_on {
                    self.phases[at - 1].end_reason = gone.end_reason;
                }
            }
        }
        for phase in &mut self.phases {
            phase.pays_from = self.trial_ends_on.map_or(phase.starts_on, |end| phase.starts_on.max(end));
        }
        self
    }

    /// Whether the invariants hold: what a test asserts after every verb.
    pub fn is_sound(&self) -> bool {
        let open = self.phases.iter().rev().skip(1).all(|phase| phase.ends_on.is_some());
        let apart = self.phases.windows(2).all(|pair| {
            pair[0].starts_on < pair[1].starts_on && pair[0].ends_on.is_some_and(|end| pair[0].starts_on <= end && end <= pair[1].starts_on)
        });
        let forward = self.last().ends_on.is_none_or(|end| self.last().starts_on <= end);
        let held = !self.on_hold || self.last().ends_on.is_some();
        !self.phases.is_empty() && open && apart && forward && held
    }
}

/// A status from the dates that the subscription's row has.
pub fn status(
    started_on: NaiveDate,
    trial_ends_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    in_service: bool,
    today: NaiveDate,
) -> SubscriptionStatus {
    match ended_on {
        Some(end) if end <= today => SubscriptionStatus::Ended,
        _ if started_on > today => SubscriptionStatus::Scheduled,
        _ if !in_service => SubscriptionStatus::Paused,
        _ if trial_ends_on.is_some_and(|end| today < end) => SubscriptionStatus::Trial,
        Some(_) => SubscriptionStatus::Cancelling,
        None => SubscriptionStatus::Active,
    }
}

fn label(day: Option<NaiveDate>) -> String {
    day.map(short_day).unwrap_or_default()
}

#[cfg(test)]
mod tests;
