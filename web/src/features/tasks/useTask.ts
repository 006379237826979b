import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watchEffect, type Ref } from 'vue'
import { readTask } from '@/api/tasks'
import type { NodeState, NodeView, TaskView } from '@/api/types'
import { isSettled } from '@/shared/status/tones'
import { useTaskEvents, type TaskChange } from './useTaskEvents'

const UNDER_WAY = new Set<NodeState>(['RUNNING', 'POLLING', 'WAITING_CALLBACK'])

/** Milliseconds between two looks at the task while its events can't be had. */
const WITHOUT_STREAM = 3_000

/** Nodes of a task beyond which items of lists are no longer followed one by one. */
const MOST_NODES = 1_000

/** The task with an event's members taken over; the definition never changes and does not travel in events. */
export function withChange(task: TaskView, change: TaskChange): TaskView {
  const nodes = change.nodes === undefined ? task.nodes : { ...task.nodes, ...change.nodes }
  return { ...task, ...change, definition: task.definition, nodes }
}

/** The task with one node's new view; an older attempt, or one of an earlier pass, arriving late changes nothing. */
export function withNode(task: TaskView, node: NodeView): TaskView {
  const present = task.nodes[node.node_id]
  if (present === undefined && isOneOfMany(task, node)) return task
  if (present !== undefined && (present.loop > node.loop || (present.loop === node.loop && present.attempt > node.attempt))) return task
  return { ...task, nodes: { ...task.nodes, [node.node_id]: node } }
}

/** Whether the node lies in an item of a long list: the page asks for those it shows, see `NodeInside`. */
function isOneOfMany(task: TaskView, { node_id: id, state }: NodeView): boolean {
  return id.includes('[') && state !== 'FAILED' && Object.keys(task.nodes).length > MOST_NODES
}

/** One task, followed live. */
export function useTask(id: Ref<string>) {
  const client = useQueryClient()
  const key = computed(() => ['task', id.value])
  const interval = ref<number | false>(false)
  /** What was told while the task is being read: the answer may be older, and nothing would tell it again. */
  let meanwhile: ((task: TaskView) => TaskView)[] = []
  const { data, isPending, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async () => {
      const told: typeof meanwhile = meanwhile = []
      const read = await readTask(id.value)
      return told.reduce((task, change) => change(task), read)
    },
    refetchInterval: interval,
  })
  // Nodes under way when a task is revoked still finish.
  const following = computed(() => {
    if (data.value === undefined) return false
    return !isSettled(data.value.state) || Object.values(data.value.nodes).some(({ state }) => UNDER_WAY.has(state))
  })

  function update(change: (task: TaskView) => TaskView): void {
    meanwhile.push(change)
    client.setQueryData<TaskView>(key.value, (task) => (task === undefined ? task : change(task)))
  }
  function nodeChanged(node: string): void {
    void client.invalidateQueries({ queryKey: ['task-node', id.value, node] })
  }
  function nodeOperated(view: NodeView): void {
    update((present) => ({ ...present, nodes: { ...present.nodes, [view.node_id]: view } }))
    nodeChanged(view.node_id)
    void refetch()
  }
  /** What an operation answered; what came of it since may have been told before, so it is read again. */
  function operated(answer: Partial<TaskView>): void {
    update((present) => ({ ...present, ...answer }))
    void refetch()
  }
  const { connected } = useTaskEvents(id, following, {
    task: (change) => {
      update((task) => withChange(task, change))
      // The last event may have left out what only the whole task tells: outputs, say.
      if (change.state !== undefined && isSettled(change.state)) void refetch()
    },
    node: (node) => {
      update((task) => withNode(task, node))
      nodeChanged(node.node_id)
    },
    reconnected: () => void refetch(),
  })
  // A net below the stream: while the line is down the task is asked for instead.
  watchEffect(() => {
    interval.value = following.value && !connected.value ? WITHOUT_STREAM : false
  })
  return { task: data, isPending, error, refetch, connected, following, operated, nodeOperated }
}
