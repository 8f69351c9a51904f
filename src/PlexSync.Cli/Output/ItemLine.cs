namespace PlexSync.Cli.Output;

/// <summary>A change in one line: what it does, to which item, and what became of it.</summary>
/// <param name="texts">The language.</param>
/// <param name="hasColor">Colours are shown.</param>
internal sealed class ItemLine(Texts texts, bool hasColor)
{
    /// <summary>The line of a change.</summary>
    public string Of(ChangeResult result, ItemNames names)
    {
        var change = result.Change;
        var item = Texts.Clean(names.Of(change.Item));
        item = change.Action is ChangeAction.Rating ? $"{item} – {Phrases.Rating(change.After.UserRating, texts)}"
            : IsAgain(change) ? texts.Format("Item_PausedAt", item, Phrases.Position(change.After.Position))
            : change.After.IsInProgress ? $"{item} – {Phrases.Position(change.After.Position)}" : item;
        return result.Outcome switch
        {
            ChangeOutcome.Failed =>
                $"{Paint.Red(texts["Label_Failed"], hasColor)} {texts.Format("Item_Failed", item, Phrases.Why(result, texts))}",
            ChangeOutcome.Unknown => $"{Paint.Red(texts["Label_Unknown"], hasColor)} {texts.Format("Item_Unknown", item)}",
            ChangeOutcome.Skipped =>
                $"{Paint.Yellow(texts["Label_Skipped"], hasColor)} {texts.Format("Item_Failed", item, Phrases.Why(result, texts))}",
            _ => $"{Label(change)} {item}",
        };
    }

    /// <summary>What it does, in brackets.</summary>
    public string Label(PlannedChange change) => change.Action switch
    {
        not ChangeAction.Rating when IsAgain(change) => Paint.Green(texts["Label_WatchedAgain"], hasColor),
        ChangeAction.Watched => Paint.Green(texts["Label_Watched"], hasColor),
        ChangeAction.Rating => Paint.Blue(texts["Label_Rated"], hasColor),
        ChangeAction.Progress => Paint.Blue(texts["Label_Progress"], hasColor),
        _ => Paint.Yellow(texts["Label_Unwatched"], hasColor),
    };

    /// <summary>Watched, and being watched again.</summary>
    public static bool IsAgain(PlannedChange change) =>
        change.Action is not ChangeAction.Rating && change.After is { IsWatched: true, IsInProgress: true };
}
