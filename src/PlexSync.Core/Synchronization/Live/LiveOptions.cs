namespace PlexSync;

/// <summary>How closely a <see cref="LiveSynchronizer"/> follows what is watched.</summary>
public sealed class LiveOptions
{
    /// <summary>
    /// How often the servers are asked what was viewed last while something was just played, or while they tell no events (default one
    /// minute); at least ten seconds. Otherwise they are asked every five minutes, or less often if this is longer.
    /// </summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often everything is read (default six hours); at least five minutes.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(6);

    /// <summary>
    /// So many items of one target are written in a minute at most (default 20). More are left for one run a minute later.
    /// </summary>
    public int Burst { get; set; } = 20;

    /// <summary>Jobs that would undo each other's work are not refused (default false; <see cref="SyncRoute.FindLoop"/>).</summary>
    public bool AllowLoops { get; set; }

    /// <summary>
    /// It ends at once where a wrong name, token or PIN keeps each of the jobs from beginning, as suits somebody who has just started it
    /// and is there to mend that (default false: it is tried again).
    /// </summary>
    public bool RequiresStart { get; set; }

    /// <summary>How often is looked.</summary>
    public override string ToString() => $"looks every {Poll}, reads everything every {Every}, burst {Burst}";

    internal void RequireSense()
    {
        Require(nameof(Poll), Poll >= TimeSpan.FromSeconds(10) && Poll <= TimeSpan.FromDays(1), Poll);
        Require(nameof(Every), Every >= TimeSpan.FromMinutes(5) && Every <= TimeSpan.FromDays(7), Every);
        Require(nameof(Burst), Burst > 0, Burst);

        static void Require(string option, bool isRight, object value)
        {
            if (!isRight)
            {
                throw OptionFailure.Invalid(option, $"{value}");
            }
        }
    }
}
