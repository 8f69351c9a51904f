using System.Globalization;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Asks whom to copy to, where nobody is named and somebody can answer.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="session">Whose Home is offered.</param>
/// <param name="taken">Who cannot be a target.</param>
/// <param name="mayChooseSeveral">More than one may be chosen.</param>
internal sealed class TargetQuestion(CommandContext context, Session session, HashSet<UserId> taken, bool mayChooseSeveral)
{
    private const int MaxRepetitions = 3;

    /// <summary>What is asked.</summary>
    public string Question { get; init; } = "Choose_Question";

    /// <summary>The users that Enter alone chooses; empty (default) if it cancels.</summary>
    public IReadOnlyList<PlexUser> Otherwise { get; init; } = [];

    /// <summary>Everybody was chosen, and not one by one.</summary>
    public bool IsAll { get; private set; }

    public static CliException NobodyNamed(CommandContext context) => context.Settings is { Job: null, Jobs: { Count: > 0 } jobs }
        ? new(CliException.Usage, "NoTarget_Jobs", "--to", "--job", string.Join(", ", jobs.Select(static job => job.Name)), "--all-jobs")
        : new(CliException.Usage, "NoTarget", "--to", Setting.VariableOf("to"), "to");

    public async Task<List<PlexUser>> AskAsync(PlexUser source, CancellationToken cancellationToken)
    {
        var home = await session.Plex.GetHomeUsersAsync(session.Account, cancellationToken);
        var users = home.Where(user => !taken.Contains(user.Id)).ToList();
        if (users.Count == 0)
        {
            throw NobodyNamed(context);
        }

        context.Texts.Users.Add(home);
        context.Messages.Say(context.Texts.Format(Question, context.Texts.Users.Of(source)));
        for (var i = 0; i < users.Count; i++)
        {
            var sentence = users[i].HasPin ? "Choose_UserWithPin" : "Choose_User";
            context.Messages.Say($"  {context.Texts.Format(sentence, i + 1, context.Texts.Users.Of(users[i]))}");
        }

        for (var left = MaxRepetitions; ; left--)
        {
            var answer = await context.Messages.AskLineAsync(Prompt(), cancellationToken);
            if (answer is { Length: 0 } && Otherwise.Count > 0)
            {
                IsAll = Otherwise.Count > 1;
                return [.. Otherwise];
            }

            if (string.IsNullOrWhiteSpace(answer))
            {
                throw new CliException(CliException.Usage, "Choose_Nobody", "--to");
            }

            if (mayChooseSeveral && Otherwise.Count > 1 && IsWordForAll(answer) && !users.Exists(user => user.IsShownAs(answer)))
            {
                IsAll = true;
                return [.. users];
            }

            try
            {
                return await FindAsync(answer, users, cancellationToken);
            }
            catch (Exception e) when (left > 0 && e is CliException or PlexException
            {
                Kind: PlexErrorKind.UserNotFound or PlexErrorKind.UserAmbiguous or PlexErrorKind.FriendsUnknown,
            })
            {
                context.Messages.Say(Failure.Of(e, context.Texts).Message);
            }
        }
    }

    private string Prompt() => Otherwise.Count == 0 ? context.Texts["Choose_Prompt"]
        : context.Texts.Format(
            mayChooseSeveral ? "Choose_Prompt_Several" : "Choose_Prompt_One",
            Otherwise.Count == 1 ? context.Texts.Users.Of(Otherwise[0]) : context.Texts["Choose_All"].Split(' ')[0]);

    private bool IsWordForAll(string answer) =>
        context.Texts["Choose_All"].Split(' ').Contains(answer, StringComparer.OrdinalIgnoreCase);

    private async Task<List<PlexUser>> FindAsync(string answer, List<HomeUser> users, CancellationToken cancellationToken)
    {
        var chosen = new List<PlexUser>();
        // The name of one may hold a comma.
        var names = users.Exists(user => user.IsShownAs(answer)) ? [answer] : Split(answer, users.Count);
        foreach (var name in names)
        {
            // A number of the list; else a name, as every option takes it.
            var user = NumberOf(name, users.Count) is > 0 and var number
                ? await RequireOnlyAsync(users[number - 1], name, cancellationToken)
                : await session.FindAsync(name, cancellationToken);
            if (taken.Contains(user.Id))
            {
                throw new CliException(Failure.NameOf(PlexErrorKind.SameUser), "Error_SameUser", user.Title);
            }

            if (!chosen.Exists(other => other.Id == user.Id))
            {
                chosen.Add(user);
            }
        }

        return chosen.Count == 1 || (chosen.Count > 1 && mayChooseSeveral) ? chosen
            : throw new CliException(CliException.Usage, mayChooseSeveral ? "Choose_None" : "Choose_One");
    }

    /// <summary>The user at a number of the list, unless another one has the number for a name.</summary>
    private async Task<PlexUser> RequireOnlyAsync(HomeUser listed, string number, CancellationToken cancellationToken)
    {
        PlexUser named;
        try
        {
            named = await session.FindAsync(number, cancellationToken);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.UserNotFound or PlexErrorKind.FriendsUnknown)
        {
            return listed;
        }

        return named.Id == listed.Id ? listed : throw new CliException(
            Failure.NameOf(PlexErrorKind.UserAmbiguous),
            "Error_UserAmbiguous",
            number,
            $"{listed.Title} (id:{listed.Id}), {named.Title} (id:{named.Id})");
    }

    /// <summary>Between commas; numbers also between spaces, which names can contain.</summary>
    private static IEnumerable<string> Split(string answer, int count)
    {
        foreach (var part in answer.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var name in Array.TrueForAll(words, word => NumberOf(word, count) > 0) ? words : [part])
            {
                yield return name;
            }
        }
    }

    private static int NumberOf(string word, int count) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= count ? number : 0;
}
