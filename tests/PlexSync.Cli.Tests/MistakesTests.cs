using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>Plausible mistakes, each answered by a sentence that says what to do: <c>docs/errors.md</c> is what this test found.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed partial class MistakesTests
{
    private const string Document = "docs/errors.md";

    private const string Plan = "plexsync plan --to Kid -o ~/plan.json";
    private const string Snapshot = "plexsync snapshot --user Kid -o ~/kid.jsonl";

    private static readonly (string Title, Mistake[] Mistakes)[] Sections =
    [
        ("Typing", [
            new(2, "plexsync snyc --to Kid"),
            new(2, "plexsync backup --user Kid"),
            new(2, "plexsync Sync --to Kid"),
            new(2, "plexsync sync Kid"),
            new(2, "plexsync sync Owner Kid"),
            new(2, "plexsync sync --too Kid"),
            new(2, "plexsync sync --target Kid"),
            new(2, "plexsync sync -t Kid"),
            new(2, "plexsync sync -to Kid"),
            new(2, "plexsync sync –to Kid", "A dash that a web page or a word processor made longer"),
            new(2, "plexsync --to Kid"),
            new(2, "plexsync --to Kid sync"),
            new(2, "plexsync users --to Kid"),
            new(2, "plexsync sync --to"),
            new(2, "plexsync sync --to --dry-run"),
            new(2, "plexsync sync --to \"\""),
            new(2, "plexsync sync --to Kid,Teen"),
            new(2, "plexsync sync --to Kid --policy copy --policy mirror"),
            new(2, "plexsync sync --to Kid --dry-run=yes"),
            new(2, "plexsync sync --to Kid --concurrency fast"),
            new(2, "plexsync sync --to Kid --concurrency 50"),
            new(2, "plexsync sync --to Kid --page-size 0"),
            new(2, "plexsync sync --to Kid --timeout soon"),
            new(2, "plexsync sync --to Kid --max-removals all"),
            new(2, "plexsync sync --to Kid --lang german"),
            new(2, "plexsync sync --to Kid --token 7Qk2xVn9"),
            new(2, "plexsync sync --to Teen --pin 4321"),
            new(2, "plexsync watch --to Kid --dry-run"),
            new(2, "plexsync watch --to Kid --poll soon"),
            new(2, "plexsync watch --to Kid --notify https://example.org/7Qk2xVn9"),
            new(2, "plexsync explain Movie 4 --to Kid"),
            new(2, "plexsync explain --to Kid"),
            new(2, "plexsync apply"),
            new(2, "plexsync restore --user Kid"),
            new(2, "plexsync import history.json --user Kid"),
            new(2, "plexsync import trakt history.json --user Kid"),
            new(2, "plexsync import tautulli http://nas:8181 --user Kid --yes"),
            new(2, "plexsync import tautulli http://nas:8181?apikey=7Qk2xVn9 --user Kid --yes"),
            new(2, "plexsync import tautulli http://nas:8181 --user Kid --api-key 7Qk2xVn9"),
            new(2, "plexsync import states http://nas:8181 --user Kid --yes"),
            new(2, "plexsync import states states.json --user Kid --tautulli-user Kid --yes"),
            new(2, "plexsync plan --to Kid"),
            new(2, "plexsync snapshot -o ~/kid.jsonl"),
            new(2, "plexsync completion tcsh"),
            new(2, "plexsync users --server NAS"),
        ]),
        ("The configuration file", [
            new(2, "plexsync sync", "`config.json` is `{\"to\": [\"Kid\"`", Configure("{\"to\": [\"Kid\"")),
            new(2, "plexsync sync", "`config.json` is `[\"Kid\"]`", Configure("[\"Kid\"]")),
            new(2, "plexsync sync", "`config.json` is empty", Configure("")),
            new(2, "plexsync sync", "`config.json` is `{\"too\": [\"Kid\"]}`", Configure("{\"too\": [\"Kid\"]}")),
            new(2, "plexsync sync --to Kid", "`config.json` is `{\"dry-run\": true}`", Configure("{\"dry-run\": true}")),
            new(2, "plexsync sync --to Kid", "`config.json` is `{\"colour\": false}`", Configure("{\"colour\": false}")),
            new(2, "plexsync sync --to Kid", "`config.json` is `{\"dryRun\": \"always\"}`", Configure("{\"dryRun\": \"always\"}")),
            new(2, "plexsync sync", "`config.json` is `{\"to\": {\"name\": \"Kid\"}}`", Configure("{\"to\": {\"name\": \"Kid\"}}")),
            new(2, "plexsync sync", "`config.json` is `{\"to\": \"Kid\", \"to\": \"Teen\"}`",
                Configure("{\"to\": \"Kid\", \"to\": \"Teen\"}")),
            new(2, "plexsync sync", "`config.json` is `{\"to\": \"Kid\", \"policy\": \"merge\"}`",
                Configure("{\"to\": \"Kid\", \"policy\": \"merge\"}")),
            new(2, "plexsync sync --to Kid", "`config.json` is `{\"concurrency\": 50}`", Configure("{\"concurrency\": 50}")),
            new(2, "plexsync sync --to Kid", "`config.json` is `{\"token\": \"7Qk2xVn9\"}`", Configure("{\"token\": \"7Qk2xVn9\"}")),
            new(2, "plexsync sync --to Teen", "`config.json` is `{\"pins\": \"Teen=4321\"}`", Configure("{\"pins\": \"Teen=4321\"}")),
            new(2, "plexsync sync --to Kid", "`config.json` is `{\"tokenFile\": \"plex.token\"}`, and there is no such file",
                static stage =>
                {
                    stage.Home.Environment.Remove("PLEXSYNC_TOKEN");
                    stage.Home.Configure("{\"tokenFile\": \"plex.token\"}");
                }),
        ]),
        ("Variables", [
            new(2, "PLEXSYNC_NOTIFY=example.org/7Qk2xVn9 plexsync watch --to Kid"),
            new(2, "PLEXSYNC_DRYRUN=1 plexsync sync --to Kid"),
            new(2, "PLEXSYNC_DRY_RUN=maybe plexsync sync --to Kid"),
            new(2, "PLEXSYNC_PIN=4321 plexsync sync --to Teen"),
            new(2, "PLEXSYNC_LIBRARIES=Movies plexsync sync --to Kid"),
            new(2, "PLEXSYNC_TIMEOUT=1m plexsync sync --to Kid"),
            new(0, "PLEXSYNC_COLOUR=no plexsync sync --to Kid --dry-run", "The run goes on"),
        ]),
        ("Files", [
            new(2, "plexsync apply ~/plan.json"),
            new(2, "plexsync apply ~/plans", "`~/plans` is a folder", static stage => { Directory.CreateDirectory(At(stage, "plans")); }),
            new(2, "plexsync apply ~/page.html", "The page of a run",
                Prepare("plexsync sync --to Kid --dry-run --report ~/page.html")),
            new(2, "plexsync apply ~/kid.jsonl", "A snapshot", Prepare(Snapshot)),
            new(2, "plexsync apply ~/plan.json", "The plan was cut short",
                Prepare(Plan, "plan.json", static text => text[..(text.Length / 2)])),
            new(2, "plexsync apply ~/plan.json", "The plan was edited, and an action no longer fits",
                Prepare(Plan, "plan.json", static text => Replace(text, "\"action\": \"watched\"", "\"action\": \"unwatched\""))),
            new(2, "plexsync apply ~/plan.json", "The plan is from a newer version",
                Prepare(Plan, "plan.json", static text => Replace(text, "\"version\": 1,", "\"version\": 2,"))),
            new(3, "plexsync apply ~/plan.json", "The plan is for another server", async stage =>
            {
                await stage.RunAsync(Plan);
                Edit(stage, "plan.json", text => Replace(text, stage.Home.Server.MachineIdentifier, new string('0', 40)));
            }),
            new(2, "plexsync restore ~/kid.jsonl --user Kid --yes"),
            new(2, "plexsync restore ~/plan.json --user Kid --yes", "A plan", Prepare(Plan)),
            new(2, "plexsync restore ~/kid.jsonl --user Kid --yes", "The snapshot was cut short",
                Prepare(Snapshot, "kid.jsonl", static text => text[..(text.TrimEnd().LastIndexOf('\n') + 1)])),
            new(3, "plexsync restore ~/kid.jsonl --user Kid --yes", "The snapshot is from another server", async stage =>
            {
                await stage.RunAsync(Snapshot);
                Edit(stage, "kid.jsonl", text => Replace(text, stage.Home.Server.MachineIdentifier, new string('0', 40)));
            }),
            new(2, "plexsync plan --to Kid -o ~/missing/plan.json"),
            new(2, "plexsync sync --to Kid --report ~/missing/page.html"),
            new(2, Snapshot, "There is a snapshot already", Prepare(Snapshot)),
            new(2, $"{Snapshot} --overwrite", "The file there is a snapshot of Teen",
                Prepare("PLEXSYNC_PINS=Teen=4321 plexsync snapshot --user Teen -o ~/kid.jsonl")),
            new(2, $"{Snapshot} --overwrite", "The file there is something else",
                static stage => { stage.Home.WriteFile("kid.jsonl", "Things to do\n"); }),
            new(2, "plexsync snapshot --user Kid -o - --json"),
            new(2, "plexsync plan --to Kid -o - --report -"),
        ]),
        ("Signing in", [
            new(2, "plexsync sync --to Kid", "Not signed in", static stage => { stage.Home.Environment.Remove("PLEXSYNC_TOKEN"); }),
            new(2, "plexsync sync --to Kid --token-file ~/plex.token", "There is no such file"),
            new(2, "plexsync sync --to Kid --token-file ~/plex.token", "The file is empty",
                static stage => { stage.Home.WriteFile("plex.token", "\n"); }),
            new(2, "plexsync sync --to Kid --token-file ~/tokens", "`~/tokens` is a folder",
                static stage => { Directory.CreateDirectory(At(stage, "tokens")); }),
            new(3, "plexsync sync --to Kid --token-file ~/plex.token", "The file says `X-Plex-Token: 7Qk2xVn9`",
                static stage => { stage.Home.WriteFile("plex.token", "X-Plex-Token: 7Qk2xVn9\n"); }),
            new(3, "PLEXSYNC_TOKEN=7Qk2xVn9 plexsync sync --to Kid", "The token was revoked, or is mistyped"),
            new(3, "PLEXSYNC_TOKEN=claim-7Qk2xVn97Qk2xVn97Qk2 plexsync sync --to Kid", "A code for claiming a server"),
            new(3, "plexsync sync --to Kid", "The token is a JWT, and has expired", static stage =>
            {
                stage.Home.Environment["PLEXSYNC_TOKEN"] = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMDAxIn0.c2lnbmF0dXJl";
            }),
            new(3, "plexsync users", "The token of a managed user",
                static stage => { stage.Home.Environment["PLEXSYNC_TOKEN"] = stage.Home.Kid.AccountToken; }),
            new(2, "plexsync sync --to Kid", "The stored sign-in was damaged", static stage =>
            {
                stage.Home.Environment.Remove("PLEXSYNC_TOKEN");
                Directory.CreateDirectory(At(stage, "state"));
                File.WriteAllText(stage.Home.CredentialsFile, "{\"token\"");
            }),
        ]),
        ("The server", [
            new(2, "plexsync sync --to Kid --server NASA"),
            new(4, "plexsync sync --to Kid --server http://192.168.1.9:32400", "Nothing answers there",
                static stage => { stage.Show("127.0.0.1:1", "192.168.1.9:32400"); }),
            new(2, "plexsync sync --to Kid --server https://app.plex.tv/desktop"),
            new(2, "plexsync sync --to Kid --server ftp://192.168.1.5"),
            new(2, "plexsync sync --to Kid --server http://192.168.1.5:32400?X-Plex-Token=7Qk2xVn9"),
            new(4, "plexsync sync --to Kid --server http://192.168.1.5:32400", "Another program answers there",
                static stage => { stage.Home.Plex.Faults.On("/identity").Html(); }),
            new(4, "plexsync sync --to Kid --server https://192.168.1.5:32400", "The server speaks http only"),
            new(4, "plexsync sync --to Kid --server https://192.168.1.6:32400", "https and a bare IP address", static stage =>
            {
                stage.Home.Server.ExtraConnections.Add(new(new Uri("https://192-168-1-6.0123456789abcdef.plex.direct:32400")));
                AddTlsServer(stage, "elsewhere.test", "127.0.0.1", "192.168.1.6:32400");
            }),
            new(4, "plexsync sync --to Kid --server https://nas.lan:32400", "A certificate of one's own",
                static stage => AddTlsServer(stage, "localhost", "localhost", "nas.lan:32400")),
            new(4, "plexsync sync --to Kid --server https://nas.lan:32400", "The certificate has expired",
                static stage => AddTlsServer(stage, "localhost", "localhost", "nas.lan:32400", isExpired: true)),
            new(4, "plexsync sync --to Kid --account-url http://192.168.1.9:8080", "The proxy is down",
                static stage => { stage.Show("127.0.0.1:1", "192.168.1.9:8080"); }),
            new(4, "plexsync sync --to Kid", "The server redirects", static stage =>
                { stage.Home.Plex.Faults.On("/identity").Status(301, headers: ("Location", "https://plex.example.org/identity")); }),
            new(4, "plexsync sync --to Kid", "The server is starting", static stage => { stage.Home.Server.Switches.Maintenance = true; }),
            new(4, "plexsync sync --to Kid", "plex.tv limits requests",
                static stage => { stage.World.Account.RateLimit(1000, TimeSpan.FromSeconds(150)); }),
            new(4, "plexsync sync --to Kid --timeout 0.1", "A slow server",
                static stage => { stage.Home.Plex.Faults.On("/identity").Hang(); }),
            new(3, "plexsync sync --to Kid --server http://192.168.1.7:32400", "A server of somebody else",
                static stage => { ShowServer(stage, stage.World.Servers[1], "192.168.1.7:32400"); }, Neighbour),
            new(4, "plexsync sync --to Kid --server NAS", "Another server has taken its address", static stage =>
            {
                ShowServer(stage, stage.World.Servers[1], "192.168.1.7:32400");
                var server = stage.Home.Server;
                server.ExtraConnections.Add(new(stage.Home.Plex.UrlOf(stage.World.Servers[1])));
                stage.Home.Plex.Faults.On(request => request.Role == server.MachineIdentifier && request.Path == "/identity").Status(502);
            }, Neighbour),
            new(2, "plexsync sync --to Kid", "The account has two servers",
                static stage => { stage.Home.Environment.Remove("PLEXSYNC_SERVER"); }, static () =>
                {
                    var world = Worlds.Small();
                    Furnish(world.AddServer("Attic", world.Owner.Id));
                    return world;
                }),
            new(3, "plexsync sync --to Kid", "The server lost its sign-in",
                static stage => { stage.Home.Server.Switches.HasLostSignIn = true; }),
            new(3, "plexsync sync --to Kid", "The server lets this network in without authentication",
                static stage => { stage.Home.Server.Switches.LetsEveryoneInAsOwner = true; }),
        ]),
        ("Users and PINs", [
            new(2, "plexsync sync --to Kit"),
            new(2, "plexsync sync --to Grandmother"),
            new(2, "plexsync sync --to id:1009"),
            new(2, "plexsync sync --to email:kid@example.org"),
            new(2, "plexsync sync --to Kid", "Two users are called “Kid”", static stage =>
            {
                stage.World.Add(new() { Id = 1004, Uuid = "1004", Title = "Kid", AccountToken = "token-of-other-kid-1", IsManaged = true });
            }),
            new(2, "plexsync sync", "Whom to copy to is said nowhere"),
            new(2, "plexsync sync --to Owner"),
            new(2, "plexsync sync --to Kid --to id:1002"),
            new(2, "plexsync sync --to-all --to Kid"),
            new(2, "plexsync sync --to-all --except Kid --except Teen"),
            new(2, "plexsync sync --to-all --except Friend"),
            new(2, "plexsync sync --to Kid --except Teen"),
            new(3, "plexsync sync --to Friend", "Nothing is shared with this friend", Unshare("Friend")),
            new(3, "plexsync sync --to Kid", "Nothing is shared with Kid", Unshare("Kid")),
            new(3, "plexsync sync --to Teen", "Teen has a PIN"),
            new(3, "PLEXSYNC_PINS=Teen=1111 plexsync sync --to Teen"),
            new(0, "PLEXSYNC_PINS=Tean=4321;Teen=4321 plexsync sync --to Teen --dry-run", "The run goes on"),
            new(0, "PLEXSYNC_PINS=Kid=4321 plexsync sync --to Kid --dry-run", "The run goes on"),
            new(2, "PLEXSYNC_PINS=4321 plexsync sync --to Teen"),
            new(2, "PLEXSYNC_PINS=Teen=4321;id:1003=1111 plexsync sync --to Teen"),
            new(2, "plexsync sync --to Teen --pin-file ~/pins", "There is no such file"),
            new(2, "plexsync sync --to Teen --pin-file ~/pins", "The file says `Teen: 4321`",
                static stage => { stage.Home.WriteFile("pins", "Teen: 4321\n"); }),
            new(2, "plexsync merge --user Owner"),
            new(2, "plexsync merge --user Kid --user KID"),
            new(2, "plexsync merge Owner Kid"),
        ]),
        ("What to copy, and how", [
            new(2, "plexsync sync --to Kid --library Film"),
            new(2, "plexsync sync --to Kid --library Movies", "Two libraries are called “Movies”",
                static stage => { stage.Home.Server.Edit(static server => server.Libraries[1].Title = "Movies"); }),
            new(2, "plexsync sync --to Kid --show \"Show 2\""),
            new(2, "plexsync sync --to Kid --show Severance"),
            new(2, "plexsync sync --to Kid --type season"),
            new(2, "plexsync sync --to Kid --type !movie --type !episode --type !track"),
            new(2, "plexsync sync --to Kid --since yesterday"),
            new(2, "plexsync sync --to Kid --since 31/01/2026"),
            new(2, "plexsync sync --to Kid --since 2099-01-01"),
            new(2, "plexsync sync --to Kid --only unwatched"),
            new(2, "plexsync sync --to Kid --policy overwrite"),
            new(2, "plexsync sync --to Kid --policy mirror --two-way"),
            new(2, "plexsync merge --user Owner --user Kid --policy mirror"),
            new(2, "plexsync sync --to Kid --match name"),
            new(2, "plexsync sync --to Kid --match key --to-server Den"),
            new(2, "plexsync sync --to Kid --to-token-file ~/other.token"),
            new(2, "plexsync sync --to Kid --to Teen --two-way --unwatched"),
            new(0, "plexsync explain \"Movie 99\" --to Kid"),
        ]),
        ("Limits and locks", [
            new(6, "plexsync sync --to Kid --policy mirror --max-removals 0", "Kid has watched Movie 9",
                static stage => { stage.Home.Server.SetState(stage.Home.Kid, "9", new ItemState(1, 0, 1_700_000_000)); }),
            new(6, "plexsync sync --to Kid", "Another run is writing to Kid", static async stage =>
            {
                await stage.RunAsync("plexsync sync --to Kid");
                stage.Home.Server.SetState(stage.Home.Kid, "2", ItemState.None);
                var file = Directory.GetFiles(At(stage, "state"), "lock.holder", SearchOption.AllDirectories).Single();
                await File.WriteAllTextAsync(file, "nas, 4711");
                stage.Keep(new FileStream(Path.ChangeExtension(file, null), FileMode.Open, FileAccess.ReadWrite, FileShare.None));
            }),
            new(5, "plexsync sync --to Kid", "The server refuses one item", static stage =>
            {
                stage.Home.Plex.Faults.On(
                    static request => request.IsWrite && request.QueryString.EndsWith("key=2", StringComparison.Ordinal)).Status(400);
            }),
        ]),
        ("Earlier runs", [
            new(2, "plexsync undo 99"),
            new(2, "plexsync undo last"),
            new(0, "plexsync undo --yes", "No run has written anything"),
            new(2, "plexsync undo", "No terminal, as in cron", Prepare("plexsync sync --to Kid")),
            new(2, "plexsync restore ~/kid.jsonl --user Kid", "No terminal, as in cron", Prepare(Snapshot)),
            new(2, "plexsync runs --resume 99"),
            new(0, "plexsync runs --resume 1", "Run 1 is finished", Prepare("plexsync sync --to Kid")),
            new(2, "plexsync runs 1"),
        ]),
        ("PlexSync’s folder", [
            new(2, "plexsync sync --to Kid", "Neither `HOME` nor `PLEXSYNC_HOME` is set", static stage =>
            {
                stage.Home.Environment.Remove("HOME");
                stage.Home.Environment.Remove("PLEXSYNC_HOME");
            }),
            new(2, "PLEXSYNC_HOME=~/notes.txt plexsync sync --to Kid", "`~/notes.txt` is a file",
                static stage => { stage.Home.WriteFile("notes.txt", ""); }),
            new(2, "plexsync sync --to Kid", "Other users of the machine can write to it", static async stage =>
            {
                await stage.RunAsync("plexsync sync --to Kid");
                File.SetUnixFileMode(At(stage, "state"), (UnixFileMode)0b111_111_111);
            }),
            new(2, "plexsync runs", "The journal was damaged", static async stage =>
            {
                await stage.RunAsync("plexsync sync --to Kid");
                var journal = Directory.GetFiles(At(stage, "state"), "2*.jsonl", SearchOption.AllDirectories).Single();
                var lines = await File.ReadAllLinesAsync(journal);
                lines[^3] = "{\"outcome\":";
                await File.WriteAllLinesAsync(journal, lines[..^1]);
                stage.Show(Path.GetRelativePath(At(stage, "state"), Path.GetDirectoryName(journal)!), "journals/…");
            }),
        ]),
    ];

    [Fact]
    public async Task Every_mistake_is_answered_by_what_to_do()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The document shows paths as elsewhere.");
        var complaints = new List<string>();
        var text = new StringBuilder(
            """
            # What PlexSync answers

            A hundred mistakes and more, and what `plexsync` says to each, with its exit code. A test makes this table from real runs
            against a simulated household with the users Owner, Kid, Teen (who has a PIN) and Friend on the server “NAS”.
            With `--lang fr`, all sentences are French. More on causes and remedies: [troubleshooting](troubleshooting.md).

            """.ReplaceLineEndings("\n"));
        foreach (var (title, mistakes) in Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| Mistake | Answer | Exit code |\n|---|---|---|\n");
            foreach (var mistake in mistakes)
            {
                var (english, french) = await AnswerAsync(mistake, complaints);
                complaints.AddRange(FindFaults(english, french).Select(fault => $"{mistake.Line} ({mistake.Situation}): {fault}"));
                var situation = mistake.Situation is null ? "" : $"{mistake.Situation}:<br>";
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {situation}`{mistake.Line}` | {Escape(english)} | {mistake.ExitCode} |\n");
            }
        }

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
        Assert.True(Sections.Sum(static section => section.Mistakes.Length) >= 100);
        GeneratedDocument.AssertIs(Document, text.ToString());
    }

    private static async Task<(string English, string French)> AnswerAsync(Mistake mistake, List<string> complaints)
    {
        await using var stage = await Stage.SetAsync(mistake.World?.Invoke());
        if (mistake.ArrangeAsync is { } arrange)
        {
            await arrange(stage);
        }

        var english = await stage.RunAsync(mistake.Line);
        stage.Home.Environment["LC_ALL"] = "fr_FR.UTF-8";
        var french = await stage.RunAsync(mistake.Line);
        if (english.ExitCode != mistake.ExitCode || french.ExitCode != mistake.ExitCode)
        {
            complaints.Add($"{mistake.Line} ({mistake.Situation}): exit code {english.ExitCode}, in French {french.ExitCode}");
        }

        return (Said(english, "Warning: "), Said(french, "Avertissement\u00A0: "));
    }

    /// <summary>The failure or the warnings; else all that is said beside the steps.</summary>
    private static string Said(Result result, string warning)
    {
        var lines = result.Error.Split('\n').Where(static line => line.Length > 0 && line[0] is not ('[' or ' ')).ToList();
        var said = lines.Where(line => line.StartsWith("plexsync: ", StringComparison.Ordinal)
            || line.StartsWith(warning, StringComparison.Ordinal)).ToList();
        var all = string.Join(' ', said.Count > 0 ? said : lines.Count > 0 ? lines : [.. result.Lines]);
        return all.StartsWith("plexsync: ", StringComparison.Ordinal) ? all["plexsync: ".Length..] : all;
    }

    private static IEnumerable<string> FindFaults(string english, string french)
    {
        if (english.Length == 0 || french.Length == 0)
        {
            yield return "no answer";
        }

        if (english == french)
        {
            yield return $"not translated: {english}";
        }

        foreach (var text in (string[])[english, french])
        {
            if (text.Contains("Exception", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal))
            {
                yield return $"a trace: {text}";
            }

            if (!text.EndsWith('.') && !text.EndsWith('?') && !text.EndsWith('\u00BB'))
            {
                yield return $"no sentence: {text}";
            }
        }

        if (EnglishWords().Match(Quoted().Replace(french, "")) is { Success: true } word)
        {
            yield return $"“{word.Value}” is English: {french}";
        }

        if (french.IndexOfAny(['“', '”']) >= 0 || LoosePunctuation().IsMatch(Json().Replace(french, "")))
        {
            yield return $"punctuation: {french}";
        }

        foreach (var name in EnglishNames().Matches(english).Select(static match => match.Groups[1].Value)
            .Where(static name => !name.StartsWith("plexsync ", StringComparison.Ordinal)))
        {
            if (!french.Contains($"«\u00A0{name}\u00A0»", StringComparison.Ordinal))
            {
                yield return $"«{name}» is missing: {french}";
            }
        }
    }

    private static string Escape(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal).Replace("~", "\\~", StringComparison.Ordinal);

    private static Action<Stage> Configure(string json) => stage => stage.Home.Configure(json);

    private static Func<Stage, Task> Prepare(string line, string? file = null, Func<string, string>? edit = null) => async stage =>
    {
        Assert.Equal(0, (await stage.RunAsync(line)).ExitCode);
        if (edit is not null)
        {
            Edit(stage, file!, edit);
        }
    };

    private static string At(Stage stage, string name) => Path.Combine(stage.Home.Folder, name);

    private static void Edit(Stage stage, string file, Func<string, string> edit) =>
        File.WriteAllText(At(stage, file), edit(File.ReadAllText(At(stage, file))));

    private static string Replace(string text, string old, string replacement)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    private static Action<Stage> Unshare(string user) => stage => stage.Home.Server.StopSharingWith(stage.World.User(user));

    private static World Neighbour()
    {
        var world = Worlds.Small();
        Furnish(world.AddServer("Neighbour", world.User("Friend").Id));
        return world;
    }

    private static void Furnish(SimulatedServer server) =>
        server.AddMovieLibrary("Films").SharedWith.Clear();

    private static void ShowServer(Stage stage, SimulatedServer server, string shown) =>
        stage.Show(stage.Home.Plex.UrlOf(server).Authority, shown);

    private static void AddTlsServer(Stage stage, string name, string host, string shown, bool isExpired = false) =>
        stage.Show(new Uri(stage.Keep(new TlsServer(name, isExpired)).Url(host)).Authority, shown);

    [GeneratedRegex(@"\b(the|is|of|and|not|to|with|for|this|that|it|by|run|use|check|user|FILE|NAME|TITLE)\b")]
    private static partial Regex EnglishWords();

    // Names, options, file names, addresses and examples stay as they are.
    [GeneratedRegex(@"«[^»]*»|\{[^}]*\}|--?[a-z]+(-[a-z]+)*|\S*[~/.]\S+|PLEXSYNC_\S*|plexsync \S+")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[^\u00A0\u202F][;!?](?!\w)|[^\u00A0]:\s|«[^\u00A0]|[^\u00A0]»")]
    private static partial Regex LoosePunctuation();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Json();

    [GeneratedRegex("“([^”]*)”")]
    private static partial Regex EnglishNames();

    /// <param name="ExitCode">What design and help promise for such a mistake.</param>
    /// <param name="Line">As it is typed.</param>
    /// <param name="Situation">What else is wrong.</param>
    /// <param name="ArrangeAsync">Brings it about.</param>
    /// <param name="World">The household; the small one by default.</param>
    private sealed record Mistake(
        int ExitCode, string Line, string? Situation = null, Func<Stage, Task>? ArrangeAsync = null, Func<World>? World = null)
    {
        public Mistake(int exitCode, string line, string situation, Action<Stage> arrange, Func<World>? world = null)
            : this(exitCode, line, situation, Later(arrange), world)
        {
        }

        private static Func<Stage, Task> Later(Action<Stage> arrange) => stage =>
        {
            arrange(stage);
            return Task.CompletedTask;
        };
    }
}
