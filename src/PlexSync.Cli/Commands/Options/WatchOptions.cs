using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>How closely jobs are followed, and who is told when one fails.</summary>
internal sealed class WatchOptions : ICommandParameterSet
{
    [Option("poll", ValueName = "DURATION")]
    public Given? Poll { get; set; }

    [Option("every", ValueName = "DURATION")]
    public Given? Every { get; set; }

    [Option("burst", ValueName = "N")]
    public Given? Burst { get; set; }

    [Option("max-removals", ValueName = "N")]
    public Given? MaxRemovals { get; set; }

    [Option("allow-loops")]
    public bool AllowLoops { get; set; }

    [Option("notify-file", ValueName = "FILE")]
    public Given? NotifyFile { get; set; }

    public LiveOptions ToLive()
    {
        var live = new LiveOptions { AllowLoops = AllowLoops };
        live.Poll = Poll?.ToDuration("10s", "1d") ?? live.Poll;
        live.Every = Every?.ToDuration("5m", "7d") ?? live.Every;
        live.Burst = Burst?.ToNumber(1, int.MaxValue) ?? live.Burst;
        return live;
    }
}
