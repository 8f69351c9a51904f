using System.Globalization;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists whom the account can copy from and to.</summary>
internal sealed class UsersCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(run, cancellationToken);
        var users = (await session.ListAsync(cancellationToken)).OrderBy(user => user.Id != session.Account.User.Id)
            .Select(user => new UserDocument(user.Id.Value, user.Title, user.Username, KindOf(user, session.Account.User.Id), user is HomeUser { HasPin: true }))
            .ToList();

        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, new UsersDocument(users), JsonContext.Default.UsersDocument);
        }
        else
        {
            run.Screen.WriteTable(
                [run.Texts["Column_Name"], run.Texts["Column_Id"], run.Texts["Column_Kind"], run.Texts["Column_Pin"]],
                users.ConvertAll(user => new[] { NameOf(user), $"{user.Id}", run.Texts[$"Kind_{user.Kind}"], run.Texts[user.Pin ? "Yes" : "No"] }));
        }

        return ExitCode.Done;
    }

    /// <summary>The title, and the user name where it differs by more than capitals.</summary>
    private static string NameOf(UserDocument user) =>
        user.Username is { } name && !string.Equals(name, user.Title, StringComparison.OrdinalIgnoreCase) ? $"{Visible(user.Title)} (@{Visible(name)})" : Visible(user.Title);

    /// <summary>Shows spaces at the ends, and invisible marks by their numbers.</summary>
    private static string Visible(string title)
    {
        var shown = string.Concat(title.Select(static letter =>
            char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.Control ? $"\\u{(int)letter:X4}" : $"{letter}"));
        return shown == title && title.Trim() == title ? title : $"\"{shown}\"";
    }

    private static string KindOf(PlexUser user, UserId owner) =>
        user.Id == owner ? "owner"
        : user is not HomeUser member ? "friend"
        : member.IsManaged ? "managed" : "home";
}
