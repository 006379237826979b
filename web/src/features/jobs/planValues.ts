import { HOSTS, SEALED, type GivenVariable, type PlanVariable } from '@/api/jobPlans'
import { isHosts, placesOf, serversOf, textOf } from './hosts'

/** The value that was given to a variable, which is named by its name or its id. */
export const givenTo = ({ id, name }: PlanVariable, given: GivenVariable[]): GivenVariable | undefined =>
  given.find((each) => each.name === name || (each.id !== undefined && each.id === id))

/** Values as they are typed. Of a sealed one nothing is known but that it is there. */
export function typedOf(variables: PlanVariable[], given: GivenVariable[]): Record<string, string> {
  return Object.fromEntries(variables.map((variable) => {
    const found = givenTo(variable, given)
    return [variable.name, variable.type === HOSTS ? textOf(found?.server) : (found?.value ?? '')]
  }))
}

/** What is asked for: nothing of a variable that has the plan's own value, the name alone of a sealed one that stays. */
export function givenOf(variables: PlanVariable[], typed: Record<string, string>, before: GivenVariable[]): GivenVariable[] {
  return variables.flatMap((variable): GivenVariable[] => {
    const { name, type } = variable
    const text = typed[name] ?? ''
    const found = givenTo(variable, before)
    if (type === HOSTS) return text !== '' || placesOf(found?.server) > 0 ? [{ name, server: serversOf(text, found?.server) }] : []
    if (text !== '') return [{ name, value: text }]
    return type === SEALED && found !== undefined ? [{ name }] : []
  })
}

/** Whether a run can begin: each variable that must have a value has one, and hosts are hosts. */
export function areSound(variables: PlanVariable[], typed: Record<string, string>, before: GivenVariable[]): boolean {
  return variables.every((variable) => {
    const text = typed[variable.name] ?? ''
    const has = text !== '' || variable.has_value === true || givenOf([variable], typed, before).length > 0
    return (!variable.required || has) && (variable.type !== HOSTS || isHosts(text))
  })
}
