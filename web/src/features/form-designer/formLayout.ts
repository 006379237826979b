import type { FormModel, JsonObject } from '@/api/types'

/** An element of a JSON Forms UI schema: a control, a text, or a layout of others. */
export interface Element {
  type?: unknown
  scope?: unknown
  options?: JsonObject
  elements?: unknown
}

const TOP = '#/properties/'
const asElement = (value: unknown): Element => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {})
const inner = ({ elements }: Element): Element[] => (Array.isArray(elements) ? elements.map(asElement) : [])

export const scopeOf = (name: string): string => `${TOP}${name}`

/** The path below the form's top that an element is the control of: a field's name where it is one of the top. */
export function nameAt({ scope }: Element): string | undefined {
  return typeof scope === 'string' && scope.startsWith(TOP) ? scope.slice(TOP.length) : undefined
}

/** How a form is laid out; null when all its fields are drawn one below the other. */
export function layoutOf(form: FormModel | null): Element | null {
  const layout = asElement(form?.uischema)
  return typeof layout.scope === 'string' || Array.isArray(layout.elements) ? layout : null
}

/** The control that is drawn first for each name, in the order in which they are drawn, through groups and tabs. */
export function controlsOf(layout: Element | null): Map<string, Element> {
  const found = new Map<string, Element>()
  const walk = (element: Element): void => {
    const name = nameAt(element)
    if (name !== undefined && !found.has(name)) found.set(name, element)
    inner(element).forEach(walk)
  }
  if (layout !== null) walk(layout)
  return found
}

/**
 * The layout with these controls, one after the other, in the places of the controls it has for the same fields. The
 * places of the fields that are gone are dropped; what is no control of a field stays where it stands.
 */
export function rearranged(layout: Element, controls: Map<string, Element>, gone: ReadonlySet<string>): Element {
  const next = controls.values()
  const filled = new Set<string>()
  const walk = (element: Element): Element[] => {
    const name = nameAt(element)
    if (name !== undefined && (gone.has(name) || gone.has(name.split('/')[0] ?? ''))) return []
    if (name !== undefined && controls.has(name) && !filled.has(name)) {
      filled.add(name)
      return [next.next().value ?? element]
    }
    return [Array.isArray(element.elements) ? { ...element, elements: inner(element).flatMap(walk) } : element]
  }
  return walk(layout)[0] ?? { type: 'VerticalLayout', elements: [] }
}

/** The layout with more controls at its end; where it is tabs, at the end of the one that has a control of `beside`, else of the last. */
export function appended(layout: Element, added: Element[], beside: ReadonlySet<string> = new Set()): Element {
  if (added.length === 0) return layout
  if (typeof layout.scope === 'string') return { type: 'VerticalLayout', elements: [layout, ...added] }
  const elements = inner(layout)
  if (layout.type !== 'Categorization') return { ...layout, elements: [...elements, ...added] }
  if (elements.length === 0) return { ...layout, elements: [{ type: 'Category', elements: added }] }
  const found = elements.findLastIndex((tab) => [...controlsOf(tab).keys()].some((name) => beside.has(name)))
  const at = found < 0 ? elements.length - 1 : found
  return { ...layout, elements: elements.map((tab, index) => (index === at ? appended(tab, added, beside) : tab)) }
}
