import type { Servers } from '@/api/jobPlans'

const ID = /^#(\d{1,10})$/
const IPV4 = /^(?:(\d{1,10}):)?(\d{1,3}(?:\.\d{1,3}){3})$/
const IPV6 = /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]+$/

const parts = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '')

/** Hosts as people write them: `10.0.0.1, 3:10.0.0.2`, the second in cloud area 3; or `#17` by their ids. */
export function textOf(server: Servers | null | undefined): string {
  const ids = server?.host_id_list ?? []
  if (ids.length > 0) return ids.map((id) => `#${id}`).join(', ')
  return (server?.ip_list ?? []).map(({ bk_cloud_id, ip }) => (bk_cloud_id === 0 ? ip : `${bk_cloud_id}:${ip}`)).join(', ')
}

/** Whether these are all hosts, and named in one way: ids beside addresses would leave the addresses out. */
export function isHosts(text: string): boolean {
  const all = parts(text)
  return all.every((part) => ID.test(part)) || all.every((part) => IPV4.test(part) || IPV6.test(part))
}

/** What is asked for by a text of hosts. Places of the topology and dynamic groups stay as they were. */
export function serversOf(text: string, before: Servers | null | undefined): Servers {
  const all = parts(text)
  const ids = all.flatMap((part) => ID.exec(part)?.slice(1).map(Number) ?? [])
  const addresses = all.flatMap((part) => {
    const [, area, ip] = IPV4.exec(part) ?? []
    if (ip !== undefined) return [{ bk_cloud_id: Number(area ?? 0), ip }]
    return IPV6.test(part) ? [{ bk_cloud_id: 0, ip: part }] : []
  })
  return {
    ...(ids.length > 0 ? { host_id_list: ids } : { ip_list: addresses }),
    ...((before?.topo_node_list ?? []).length > 0 && { topo_node_list: before?.topo_node_list }),
    ...((before?.dynamic_group_list ?? []).length > 0 && { dynamic_group_list: before?.dynamic_group_list }),
  }
}

/** How many places and groups are meant beside the hosts that are named. */
export const placesOf = (server: Servers | null | undefined): number => (server?.topo_node_list ?? []).length + (server?.dynamic_group_list ?? []).length
