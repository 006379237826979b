import { callComponent } from './componentCalls'
import type { LiveView } from './types'

export const NOTES = 1
export const REFUSES = 2

/** An expression that is looked for in each line of every script; of no languages it is for all. */
export interface NewRule {
  expression: string
  description: string
  script_language_list: number[]
  action: number
}

export type DangerousRule = NewRule & { id: number; creator: string; create_time: number }

type Changed = { id: number } & Partial<LiveView>

export const listRules = (system: string): Promise<DangerousRule[]> => callComponent(system, 'get_dangerous_rule_list', {})
export const createRule = (system: string, rule: NewRule): Promise<Changed> => callComponent(system, 'create_dangerous_rule', rule)
export const deleteRule = (system: string, id: number): Promise<Changed> => callComponent(system, 'delete_dangerous_rule', { id })
