using System.Globalization;
using System.Text;
using Cocona;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Lists whom the account can copy from and to.</summary>
internal sealed class UsersCommand(CommandContext context)
{
    [Command("users"), Traits(IgnoresServer = true)]
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(context, cancellationToken);
        var owner = session.Account.User;
        var users = (await session.ListAsync(cancellationToken)).OrderByDescending(user => user.Id == owner.Id)
            .Select(user => new UserDocument(
                user.Id.Value, user.Title, user.ListedTitle, user.Username, KindOf(user, owner.Id), user is HomeUser { HasPin: true }))
            .ToList();

        if (context.IsJson)
        {
            JsonOutput.Write(context.Console.Out, new UsersDocument(users), JsonContext.Default.UsersDocument);
        }
        else
        {
            context.Screen.WriteTable(
                [context.Texts["Column_Name"], context.Texts["Column_Id"], context.Texts["Column_Kind"], context.Texts["Column_Pin"]],
                users.ConvertAll(
                    user => new[]
                    {
                        NameOf(user), $"{user.Id}", context.Texts[$"Kind_{user.Kind}"], context.Texts[user.Pin ? "Yes" : "No"],
                    }));
        }

        return ExitCode.Done;
    }

    /// <summary>The shown name; the title behind it and the user name where they differ by more than capitals.</summary>
    private static string NameOf(UserDocument user)
    {
        var others = new List<string>();
        if (Differs(user.ListedTitle))
        {
            others.Add(Visible(user.ListedTitle!));
        }

        if (Differs(user.Username))
        {
            others.Add($"@{Visible(user.Username!)}");
        }

        return others.Count > 0 ? $"{Visible(user.Title)} ({string.Join(", ", others)})" : Visible(user.Title);

        bool Differs(string? name) => name is not null && !name.Equals(user.Title, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Shows spaces at the ends, and invisible marks by their numbers.</summary>
    private static string Visible(string title)
    {
        var shown = new StringBuilder(title.Length);
        var isEmoji = false;
        foreach (var rune in title.EnumerateRunes())
        {
            var isJoiner = rune.Value is 0x200D or (>= 0xFE00 and <= 0xFE0F);
            _ = IsInvisible(rune) && !(isJoiner && isEmoji)
                ? shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}")
                : shown.Append(CultureInfo.InvariantCulture, $"{rune}");
            // Within an emoji they belong to what is seen.
            isEmoji = isJoiner ? isEmoji : Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol;
        }

        return shown.Length == title.Length && title.Trim() == title ? title : $"\"{shown}\"";
    }

    /// <summary>Control characters, and marks and blanks without a shape of their own.</summary>
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0xFE00 and <= 0xFE0F);

    private static string KindOf(PlexUser user, UserId owner) =>
        user.Id == owner ? "owner"
        : user is not HomeUser member ? "friend"
        : member.IsManaged ? "managed" : "home";
}
