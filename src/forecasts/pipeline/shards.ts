/** A part of some series in an agreed order. */
export interface Shard extends Record<string, unknown> {
  /** Places in the order: from `begin` up to, not including, `end`. */
  readonly begin: number;
  readonly end: number;
}

/** Series by location and, within one, as they stand: shards of this order hold whole locations where they can. */
export function byLocation(location: Int32Array): Int32Array {
  return Int32Array.from(location.keys()).sort((a, b) => location[a] - location[b] || a - b);
}

/**
 * Cuts ordered series into shards of at most `most` series: a group that fits stays together, and groups share a shard
 * while there is room. The same series give the same shards.
 * @param groupAt group of the series at a place of the order, such as its location
 * @throws RangeError when `most` is below 1
 */
export function planShards(count: number, groupAt: (place: number) => number, most: number): Shard[] {
  if (!(most >= 1)) throw new RangeError('A shard holds at least one series');
  const shards: Shard[] = [];
  let begin = 0;
  let groupBegin = 0;
  for (let place = 1; place <= count; place++) {
    if (place < count && groupAt(place) === groupAt(place - 1)) continue;
    // The group [groupBegin, place) is complete.
    if (place - begin > most && groupBegin > begin) {
      shards.push({ begin, end: groupBegin });
      begin = groupBegin;
    }
    while (place - begin > most) {
      shards.push({ begin, end: begin + most });
      begin += most;
    }
    groupBegin = place;
  }
  if (begin < count) shards.push({ begin, end: count });
  return shards;
}
