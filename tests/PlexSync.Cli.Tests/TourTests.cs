using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>A newcomer's walk on a terminal: <c>docs/tour.md</c> and <c>docs/fr/visite.md</c> are what it showed.</summary>
public sealed partial class TourTests
{
    /// <summary>What is typed, what is answered to questions, and what the document says about it in both languages.</summary>
    private static readonly Step[] Steps =
    [
        new("Set up", "Préparer", "plexsync setup",
            "Nothing is configured yet. The code is typed on any device; no password and no token goes through PlexSync. Enter takes what "
            + "stands in brackets.",
            "Rien n’est encore configuré. Le code se tape sur n’importe quel appareil ; ni mot de passe ni jeton ne passe par PlexSync. "
            + "Entrée accepte ce qui est entre crochets.",
            "\nKid\n", "\nKid\n"),
        new("Check everything", "Tout vérifier", "plexsync doctor",
            "One line for each thing that a run needs. It writes nothing to Plex.",
            "Une ligne pour chaque chose dont une exécution a besoin. Rien n’est écrit dans Plex."),
        new("Who is there", "Qui est là", "plexsync users",
            "The names that `--from` and `--to` take.",
            "Les noms que `--from` et `--to` acceptent."),
        new("Plan", "Prévoir", "plexsync plan -o ~/plan.json --report ~/plan.html",
            "The plan is saved, to be applied later, and as a page to look at in a browser. Nothing is written to Plex.",
            "Le plan est enregistré, pour être appliqué plus tard, et aussi sous forme de page à regarder dans un navigateur. Rien n’est "
            + "écrit dans Plex."),
        new("Sync", "Synchroniser", "plexsync sync",
            "Everything that differs is written, read back and compared. Long lists are shortened on a terminal.",
            "Tout ce qui diffère est écrit, relu et comparé. Dans un terminal, les longues listes sont abrégées."),
        new("Again", "Encore", "plexsync sync",
            "A second run has nothing to do, and writes nothing.",
            "Une deuxième exécution n’a rien à faire, et n’écrit rien."),
        new("What has been done", "Ce qui a été fait", "plexsync runs",
            "Each run that wrote something has a number.",
            "Chaque exécution qui a écrit quelque chose a un numéro."),
        new("Undo", "Annuler", "plexsync undo",
            "The last run is taken back, after a question.",
            "La dernière exécution est annulée, après une question.",
            "y", "o"),
        new("Save a state", "Enregistrer un état", "plexsync snapshot --user Kid -o ~/kid.jsonl",
            "A snapshot keeps what a user has watched in a file.",
            "Un instantané garde dans un fichier ce qu’un utilisateur a vu."),
        new("One show only", "Une seule série", "plexsync sync --show \"Signal Hill\"",
            "A smaller run, to have something to restore.",
            "Une exécution plus petite, pour avoir quelque chose à rétablir."),
        new("Restore it", "Le rétablir", "plexsync restore ~/kid.jsonl --user Kid --exact",
            "With `--exact`, what is not in the snapshot is removed, after a question.",
            "Avec `--exact`, ce qui n’est pas dans l’instantané est retiré, après une question.",
            "y", "o"),
        new("Merge", "Fusionner", "plexsync merge --user Owner --user Kid --library Movies",
            "Both get what either has watched, here in one library.",
            "Chacun reçoit ce que l’autre a vu, ici dans une bibliothèque."),
        new("What has been done by now", "Ce qui a été fait jusqu’ici", "plexsync runs",
            "All of it can still be undone.",
            "Tout peut encore être annulé."),
        new("Why?", "Pourquoi ?", "plexsync explain \"Debts (II)\"",
            "What would happen to an item, and why.",
            "Ce qui arriverait à un élément, et pourquoi."),
    ];

    [Theory]
    [InlineData("en", "docs/tour.md")]
    [InlineData("fr", "docs/fr/visite.md")]
    public async Task The_tour_shows_what_a_newcomer_sees(string language, string document)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The document shows paths as elsewhere.");
        var isFrench = language == "fr";
        var narrow = await WalkAsync(language, 80);
        var wide = await WalkAsync(language, 140);

        Assert.All(narrow.Concat(wide).SelectMany(static output => output.Split('\n')), static line =>
            Assert.True(line.Length <= 140, line));
        var text = new StringBuilder(isFrench ? FrenchIntroduction : EnglishIntroduction);
        foreach (var (step, output) in Steps.Zip(narrow))
        {
            var (title, about) = isFrench ? (step.FrenchTitle, step.FrenchAbout) : (step.Title, step.About);
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{about}\n\n```text\n$ {step.Line}\n{output}\n```\n");
        }

        text.Append(isFrench ? "\n## Sur 140 colonnes\n\nLes lignes qui diffèrent dans un terminal plus large.\n"
            : "\n## At 140 columns\n\nThe lines that differ on a wider terminal.\n");
        foreach (var (step, (before, after)) in Steps.Zip(narrow.Zip(wide)))
        {
            var lines = after.Split('\n').Except(before.Split('\n')).ToList();
            if (lines.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n```text\n$ {step.Line}\n{string.Join('\n', lines)}\n```\n");
            }
        }

        GeneratedDocument.AssertIs(document, text.ToString());
    }

    private const string EnglishIntroduction =
        """
        # A tour

        What `plexsync` prints on a terminal of 80 columns, from the first command on. A test takes this walk through a simulated
        household, with Owner, Kid, Teen (who has a PIN) and Friend on the server “NAS”, and compares it with this page. In French:
        [visite](fr/visite.md). What to type and why: [getting started](getting-started.md).

        """;

    private const string FrenchIntroduction =
        """
        # Visite

        Ce que `plexsync` affiche dans un terminal de 80 colonnes, dès la première commande. Un test fait cette visite dans un foyer simulé,
        avec Owner, Kid, Teen (qui a un code PIN) et Friend sur le serveur « NAS », et la compare à cette page. En anglais :
        [tour](../tour.md). Que taper, et pourquoi : [premiers pas](premiers-pas.md).

        """;

    private static async Task<List<string>> WalkAsync(string language, int width)
    {
        var time = new TourTime();
        await using var stage = await Stage.SetAsync(Worlds.Lifelike(clock: time));
        var home = stage.Home;
        home.Environment.Remove("PLEXSYNC_HOME");
        home.Environment.Remove("PLEXSYNC_SERVER");
        home.Environment.Remove("PLEXSYNC_TOKEN");
        // A folder of this name in the working directory, so that lines break where they do at home.
        home.Environment["HOME"] = "~";
        home.Environment["NO_COLOR"] = "1";
        home.Environment["LANG"] = language == "fr" ? "fr_FR.UTF-8" : "en_GB.UTF-8";
        home.Terminal = new Terminal { IsInput = true, IsOutput = true, IsError = true, Width = width };
        home.Time = time;
        home.ConfirmLinks(home.World.Owner);
        DeleteHome();
        Directory.CreateDirectory("~");
        try
        {
            var outputs = new List<string>();
            foreach (var step in Steps)
            {
                time.Advance();
                var answer = language == "fr" ? step.FrenchAnswer : step.Answer;
                var screen = await stage.WatchAsync(step.Line, answer);
                // At home it would be a whole path, which needs no quotes.
                screen = HomePaths().Replace(screen, "${path}");
                outputs.Add(Seconds().Replace(ClientIds().Replace(screen, "3f2504e04f8941d39a0c0305e82c3301"), "0${sign}8${space}s"));
            }

            return outputs;
        }
        finally
        {
            DeleteHome();
        }
    }

    private static void DeleteHome()
    {
        if (Directory.Exists("~"))
        {
            Directory.Delete("~", recursive: true);
        }
    }

    [GeneratedRegex(@"(?<!\()\b0(?<sign>[.,])0(?<space>[ \u00A0])s\b")]
    private static partial Regex Seconds();

    [GeneratedRegex("'(?<path>~/[a-z.]+)'")]
    private static partial Regex HomePaths();

    [GeneratedRegex("(?<=clientID=)[0-9a-f]{32}")]
    private static partial Regex ClientIds();

    private sealed record Step(
        string Title,
        string FrenchTitle,
        string Line,
        string About,
        string FrenchAbout,
        string Answer = "",
        string FrenchAnswer = "");

    /// <summary>An evening in November: it stands still while a command runs, and waits are over at once.</summary>
    private sealed class TourTime : TimeProvider
    {
        private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1);

        private DateTimeOffset _now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public void Advance() => _now += TimeSpan.FromMinutes(1);

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            // A timeout is a token source's timer; a wait is a task's.
            base.CreateTimer(callback, state, state is CancellationTokenSource || dueTime < AtOnce ? dueTime : AtOnce, period);
    }
}
