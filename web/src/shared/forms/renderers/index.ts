import {
  and,
  isBooleanControl,
  isCategorization,
  isControl,
  isDateControl,
  isDateTimeControl,
  isEnumControl,
  isIntegerControl,
  isLayout,
  isNumberControl,
  isObjectArrayControl,
  isObjectControl,
  isOneOfEnumControl,
  isPrimitiveArrayControl,
  isStringControl,
  isTimeControl,
  or,
  rankWith,
  schemaMatches,
  uiTypeIs,
  type JsonFormsRendererRegistryEntry,
  type Tester,
} from '@jsonforms/core'
import { markRaw, type Component } from 'vue'
import BooleanControl from './BooleanControl.vue'
import ChoiceControl from './ChoiceControl.vue'
import { choicesOf, itemSchema } from './choices'
import CodeControl from './CodeControl.vue'
import DateTimeControl from './DateTimeControl.vue'
import FilesControl from './FilesControl.vue'
import JsonControl from './JsonControl.vue'
import FlowControl from './FlowControl.vue'
import NoticeGroupsControl from './NoticeGroupsControl.vue'
import NumberControl from './NumberControl.vue'
import ObjectControl from './ObjectControl.vue'
import PeopleControl from './PeopleControl.vue'
import StackLayout from './StackLayout.vue'
import StringControl from './StringControl.vue'
import TableControl from './TableControl.vue'
import TabsLayout from './TabsLayout.vue'
import TextLabel from './TextLabel.vue'
import TextListControl from './TextListControl.vue'
import ScriptedField from '@/shared/form-scripts/ScriptedField.vue'
import ScriptedLabel from '@/shared/form-scripts/ScriptedLabel.vue'
import SourcedField from '@/shared/form-scripts/SourcedField.vue'

const isChoiceList: Tester = and(
  uiTypeIs('Control'),
  schemaMatches((schema) => schema.type === 'array' && choicesOf(itemSchema(schema)).length > 0),
)

/** A list of numbers and of texts that stand for such, as `12` and `set_12`. */
const isMixedList: Tester = and(
  uiTypeIs('Control'),
  schemaMatches((schema) => schema.type === 'array' && Array.isArray(itemSchema(schema)?.type)),
)

/** A list of names of groups of people. */
const isNoticeGroups: Tester = and(
  uiTypeIs('Control'),
  schemaMatches((schema) => schema.type === 'array' && itemSchema(schema)?.format === 'notice-group'),
)

/** The id of a flow. */
const isFlow: Tester = and(uiTypeIs('Control'), schemaMatches((schema) => schema.type === 'string' && schema.format === 'flow'))

/** A list of paths of files that are kept when they are picked. */
const isFiles: Tester = (uischema) => uischema.options?.widget === 'files'

/** User names with commas between. */
const isPeople: Tester = (uischema) => uischema.options?.widget === 'people'

/** A text of a programming language. */
const isCode: Tester = (uischema) => uischema.options?.widget === 'code'

/** An element that was a tag of a form.js. */
const isTag: Tester = (uischema) => uischema.options?.tag !== undefined

/** A field of a flow's form that is drawn by the plugin it is for. */
const isSourced: Tester = (uischema) => uischema.options?.source !== undefined

const entry = (rank: number, tester: Tester, renderer: Component): JsonFormsRendererRegistryEntry => ({
  tester: rankWith(rank, tester),
  renderer: markRaw(renderer),
})

/** Element Plus renderers; of those that fit an element the highest rank draws it. */
export const renderers: readonly JsonFormsRendererRegistryEntry[] = Object.freeze([
  entry(1, isLayout, StackLayout),
  entry(2, isCategorization, TabsLayout),
  entry(1, uiTypeIs('Label'), TextLabel),
  entry(1, isControl, JsonControl),
  entry(2, isStringControl, StringControl),
  entry(3, and(isStringControl, isCode), CodeControl),
  entry(3, and(isStringControl, isPeople), PeopleControl),
  entry(2, or(isNumberControl, isIntegerControl), NumberControl),
  entry(2, isBooleanControl, BooleanControl),
  entry(2, isObjectControl, ObjectControl),
  entry(4, or(isDateControl, isDateTimeControl, isTimeControl), DateTimeControl),
  entry(4, or(isPrimitiveArrayControl, isMixedList), TextListControl),
  entry(4, isObjectArrayControl, TableControl),
  entry(6, or(isEnumControl, isOneOfEnumControl, isChoiceList), ChoiceControl),
  entry(8, and(isPrimitiveArrayControl, isFiles), FilesControl),
  entry(8, isNoticeGroups, NoticeGroupsControl),
  entry(8, isFlow, FlowControl),
  entry(20, and(uiTypeIs('Control'), isTag), ScriptedField),
  entry(30, and(uiTypeIs('Control'), isSourced), SourcedField),
  entry(20, and(uiTypeIs('Label'), isTag), ScriptedLabel),
])
