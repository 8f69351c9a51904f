namespace PlexSync.FleetScale;

/// <summary>Prints what was measured.</summary>
internal static class Summary
{
    private const double Mega = 1024 * 1024;

    public static void Write(
        ScaleOptions options, IReadOnlyList<NodeReport> reports, DatabaseLoad before, DatabaseLoad after, double seconds, long connections)
    {
        var (delays, durations) = (new Histogram(), new Histogram());
        foreach (var report in reports)
        {
            delays.Add(report.Delays);
            durations.Add(report.Durations);
        }

        var runs = reports.Sum(static report => report.Runs);
        var each = Math.Max(1, runs);
        var wanted = options.Servers * options.Jobs / options.Every.TotalSeconds;
        Console.WriteLine($"runs: {runs} in {seconds:0} s, {runs / seconds:0.00} a second of {wanted:0.00} wanted; "
            + $"{reports.Sum(static report => report.Failed)} failed, {reports.Sum(static report => report.Repeated)} were repeated");
        Console.WriteLine($"began late by: p50 {delays.At(0.5)} ms, p99 {delays.At(0.99)} ms, most {delays.At(1)} ms");
        // What is late by more than a minute is a misfire, whose time the scheduler moves to now: such delays are longer than they look.
        Console.WriteLine($"took: p50 {durations.At(0.5)} ms, p99 {durations.At(0.99)} ms, most {durations.At(1)} ms");
        Console.WriteLine($"database: {(after.Transactions - before.Transactions) / seconds:0} transactions a second; a run: "
            + $"{(after.Transactions - before.Transactions) / (double)each:0.0} transactions, "
            + $"{(after.RowsWritten - before.RowsWritten) / (double)each:0.0} rows written, "
            + $"{(after.RowsRead - before.RowsRead) / (double)each:0} rows read, {(after.WalBytes - before.WalBytes) / each} bytes of WAL, "
            + $"{1000 * (after.ProcessorSeconds - before.ProcessorSeconds) / each:0.0} ms of processor time; "
            + $"size {before.Size / Mega:0.0} MB, then {after.Size / Mega:0.0} MB; {connections} connections at most");
        foreach (var (number, report) in reports.Index())
        {
            Console.WriteLine($"node {number + 1}: {report.Runs} runs, {report.MostAtOnce} at once at most, "
                + $"{report.Memory / Mega:0} MB at most, of which {report.Heap / Mega:0} MB managed, "
                + $"{1000 * report.ProcessorSeconds / Math.Max(1, report.Runs):0.0} ms of processor time a run, "
                + $"{report.MostToAccountInASecond} requests to plex.tv in a second at most");
        }

        foreach (var kind in reports.SelectMany(static report => report.Requests).GroupBy(static one => one.Key, static one => one.Value)
            .OrderBy(static one => one.Key, StringComparer.Ordinal))
        {
            Console.WriteLine(
                $"requests, {kind.Key}: {kind.Sum()}, {kind.Sum() / seconds:0.00} a second, {kind.Sum() / (double)each:0.00} a run");
        }

        var account = reports.SelectMany(static report => report.Requests)
            .Where(static one => one.Key.StartsWith("plex.tv", StringComparison.Ordinal)).Sum(static one => one.Value);
        Console.WriteLine($"requests to plex.tv: {account / seconds:0.00} a second, {account / (double)each:0.00} a run");
    }
}
