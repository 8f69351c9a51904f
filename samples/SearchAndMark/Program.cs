// Searches titles, and marks what it has found for a user:
//   PLEX_TOKEN=… dotnet run --project samples/SearchAndMark -- search solaris --server http://nas:32400
using Cocona;
using PlexSync;
using SearchAndMark;

var app = CoconaApp.Create(args);

// The message of a PlexException says what it is about, and holds no secret. FormatException: a key that cannot be one.
app.UseFilter(async (context, next) =>
{
    try
    {
        return await next(context);
    }
    catch (Exception e) when (e is PlexException or FormatException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});

app.AddCommand("search", async (Connection connection, [Argument(Description = "A title, or some of its words.")] string title) =>
{
    var server = await connection.OpenAsync();
    var found = await server.SearchAsync(title);

    foreach (var show in found.Shows)
    {
        Console.WriteLine($"{show.RatingKey}  {show.Title} ({show.Year}): {show.WatchedEpisodes} of {show.Episodes} episodes watched");
    }

    foreach (var item in found.Items)
    {
        Console.WriteLine($"{item.RatingKey}  {item.DisplayTitle}: {(item.State.IsWatched ? "watched" : "not watched")}");
    }
}).WithDescription("Finds movies, shows and episodes; each line begins with its key.");

app.AddCommand("mark", async (
    Connection connection,
    [Argument(Description = "Keys that a search has shown: of movies, episodes, seasons, whole shows.")] string[] keys,
    [Option(Description = "Mark them unwatched.")] bool unwatched,
    [Option('n', Description = "Only say what would change.")] bool dryRun) =>
{
    var server = await connection.OpenAsync();
    var synchronizer = new WatchStateSynchronizer(new FileStore(connection.StateFolder));
    var mark = unwatched ? Mark.Unwatched : Mark.Watched;
    var plan = await synchronizer.PlanMarkAsync(server, [.. keys.Select(RatingKey.Parse)], mark, dryRun);

    foreach (var change in plan.Changes)
    {
        Console.WriteLine($"{change.Action}: {change.Item.DisplayTitle}");
    }

    if (dryRun)
    {
        return 0;
    }

    var report = await synchronizer.ApplyAsync(plan, server);
    Console.WriteLine($"{report.Count(ChangeOutcome.Applied)} of {plan.Changes.Count} changed for {plan.Target.Title}.");
    return report.Count(ChangeOutcome.Applied) == plan.Changes.Count ? 0 : 1;
}).WithDescription("Marks what a search has found, leaf by leaf.");

await app.RunAsync();
