import type { JsonObject, ScheduleInput, ScheduleTimes, ScheduleView } from '@/api/types'

/** A schedule as it is filled in. */
export interface ScheduleForm {
  name: string
  kind: 'cron' | 'once'
  cron: string
  time_zone: string
  start_at: Date | null
  end_at: Date | null
  inputs: JsonObject
  schemes: string[]
  missed: 'skip' | 'run_once' | 'run_all'
  overlap: 'allow' | 'skip' | 'queue' | 'replace'
}

export const MISSED = ['run_once', 'run_all', 'skip'] as const
export const OVERLAPS = ['skip', 'queue', 'allow', 'replace'] as const

export function formOf(schedule: ScheduleView | null, zone: string): ScheduleForm {
  return {
    name: schedule?.name ?? '',
    kind: schedule !== null && schedule.cron === null ? 'once' : 'cron',
    cron: schedule?.cron ?? '0 8 * * MON-FRI',
    time_zone: schedule?.time_zone ?? zone,
    start_at: dateOf(schedule?.start_at),
    end_at: dateOf(schedule?.end_at),
    inputs: { ...schedule?.inputs },
    schemes: [...(schedule?.schemes ?? [])],
    missed: schedule?.missed ?? 'run_once',
    overlap: schedule?.overlap ?? 'skip',
  }
}

function dateOf(text: string | null | undefined): Date | null {
  return text === null || text === undefined ? null : new Date(text)
}

export function timesOf(form: ScheduleForm): ScheduleTimes {
  return {
    cron: form.kind === 'cron' ? form.cron.trim() : null,
    time_zone: form.time_zone,
    start_at: form.start_at?.toISOString() ?? null,
    end_at: form.kind === 'cron' ? (form.end_at?.toISOString() ?? null) : null,
  }
}

/** What is not asked here stays as it was. */
export function bodyOf(form: ScheduleForm, inputs: JsonObject, before: ScheduleView | null): ScheduleInput {
  return {
    ...timesOf(form),
    name: form.name.trim(),
    inputs,
    schemes: form.schemes,
    missed: form.missed,
    overlap: form.overlap,
    revision: before?.revision ?? null,
    leave_out: before?.leave_out ?? [],
    enabled: before?.enabled ?? true,
  }
}

/** Whether there is enough to ask the server for the next times. */
export function isTimed(form: ScheduleForm): boolean {
  return form.kind === 'cron' ? form.cron.trim().split(/\s+/).length === 5 : form.start_at !== null
}
