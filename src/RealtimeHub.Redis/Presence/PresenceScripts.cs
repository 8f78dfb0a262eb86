namespace RealtimeHub.Redis.Presence;

/// <summary>What happens to presence in Redis, each step whole: whoever runs the script that changes what is seen is told, and nobody else.</summary>
/// <remarks>
/// <c>KEYS[1]</c> begins every key (<see cref="RedisKeys"/>). The clock is Redis's own, so that nodes need not agree on theirs. A lease is kept as
/// <c>state typing-until ends</c>, a presence as <c>state since</c>; times are milliseconds since 1970, 0 for never. Modes: 0 answers changes
/// alone, 1 answers how things stand, 2 does and counts it as a change.
/// </remarks>
internal static class PresenceScripts
{
    private const string Common = """
        local p = KEYS[1]
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
        local ranks = { offline = 0, away = 1, active = 2, typing = 3 }

        local function text(number) return string.format('%.0f', number) end

        local function leases(place, subject) return p .. ':of:' .. place .. ' ' .. subject end

        local function settle(place, subject, mode)
          local best, due = 'offline', nil
          local said = redis.call('HGETALL', leases(place, subject))
          for i = 1, #said, 2 do
            local state, typing, ends = string.match(said[i + 1], '(%S+) (%S+) (%S+)')
            typing, ends = tonumber(typing), tonumber(ends)
            if ends > 0 and ends <= now then
              redis.call('HDEL', leases(place, subject), said[i])
            else
              if typing > now then
                state = 'typing'
                due = math.min(due or typing, typing)
              end
              if ends > 0 then due = math.min(due or ends, ends) end
              if ranks[state] > ranks[best] then best = state end
            end
          end

          local pair = place .. ' ' .. subject
          if due then redis.call('ZADD', p .. ':due', text(due), pair) else redis.call('ZREM', p .. ':due', pair) end

          local seen = redis.call('HGET', p .. ':in:' .. place, subject)
          local before, since = 'offline', now
          if seen then
            before, since = string.match(seen, '(%S+) (%S+)')
            since = tonumber(since)
          end
          if best ~= before or mode == 2 then
            if seen then since = math.max(now, since + 1) end
            if best == 'offline' then
              redis.call('HDEL', p .. ':in:' .. place, subject)
            else
              redis.call('HSET', p .. ':in:' .. place, subject, best .. ' ' .. text(since))
            end
          elseif mode == 0 then
            return false
          end
          return { place, subject, best, text(since) }
        end

        """;

    /// <summary>A lease says something: place, subject, lease, state, typing time, length (0: the node's), node (empty: none), mode, for how long the node lives.</summary>
    public const string Set = Common + """
        local place, subject, lease, state, typing, length, node, mode, life = unpack(ARGV)
        if state == 'offline' then
          redis.call('HDEL', leases(place, subject), lease)
          if node ~= '' then redis.call('SREM', p .. ':node:' .. node, place .. ' ' .. subject .. ' ' .. lease) end
        else
          local until_, ends = 0, 0
          if state == 'typing' then state, until_ = 'active', now + tonumber(typing) end
          if tonumber(length) > 0 then ends = now + tonumber(length) end
          redis.call('HSET', leases(place, subject), lease, state .. ' ' .. text(until_) .. ' ' .. text(ends))
          if node ~= '' then
            redis.call('SADD', p .. ':node:' .. node, place .. ' ' .. subject .. ' ' .. lease)
            redis.call('ZADD', p .. ':nodes', 'NX', text(now + tonumber(life)), node)
          end
        end
        return settle(place, subject, tonumber(mode))
        """;

    /// <summary>A lease ends: place, subject, lease, after how long, node (empty: none), mode.</summary>
    public const string End = Common + """
        local place, subject, lease, after, node, mode = unpack(ARGV)
        local said = redis.call('HGET', leases(place, subject), lease)
        if said then
          local state, typing = string.match(said, '(%S+) (%S+)')
          redis.call('HSET', leases(place, subject), lease, state .. ' ' .. typing .. ' ' .. text(now + tonumber(after)))
        end
        if node ~= '' then redis.call('SREM', p .. ':node:' .. node, place .. ' ' .. subject .. ' ' .. lease) end
        return settle(place, subject, tonumber(mode))
        """;

    /// <summary>A node lives: node, for how long. Answers how many leases are kept for it.</summary>
    public const string Refresh = Common + """
        redis.call('ZADD', p .. ':nodes', text(now + tonumber(ARGV[2])), ARGV[1])
        return redis.call('SCARD', p .. ':node:' .. ARGV[1])
        """;

    /// <summary>What the time changed, and what a node that is gone has left: some of it at a time. Answers whether there may be more, and the changes.</summary>
    public const string Lapse = Common + """
        local changes = {}
        local function look(place, subject)
          local change = settle(place, subject, 0)
          if change then changes[#changes + 1] = change end
        end
        local due = redis.call('ZRANGEBYSCORE', p .. ':due', '-inf', text(now), 'LIMIT', 0, 100)
        for _, pair in ipairs(due) do
          look(string.match(pair, '(%S+) (%S+)'))
        end
        local more = #due == 100
        local gone = redis.call('ZRANGEBYSCORE', p .. ':nodes', '-inf', text(now), 'LIMIT', 0, 1)[1]
        if gone then
          local left = redis.call('SPOP', p .. ':node:' .. gone, 100)
          for _, entry in ipairs(left) do
            local place, subject, lease = string.match(entry, '(%S+) (%S+) (%S+)')
            redis.call('HDEL', leases(place, subject), lease)
            look(place, subject)
          end
          if #left < 100 then redis.call('ZREM', p .. ':nodes', gone) else more = true end
        end
        return { more and 1 or 0, changes }
        """;
}
