namespace PlexSync.Cli.Output;

/// <summary>Tells people why items would be synchronised, or would not.</summary>
internal sealed class ExplanationWriter(Screen screen, Texts texts, string source, string target, string policy)
{
    /// <summary>What fits into anybody's mind; a title that names more is to be said more exactly.</summary>
    private const int Most = 50;

    public void Write(string title, IReadOnlyList<ItemExplanation> explanations)
    {
        if (explanations.Count == 0)
        {
            screen.WriteLine(texts.Format("Explain_None", source, title));
            return;
        }

        foreach (var explanation in explanations.Take(Most))
        {
            Write(explanation);
        }

        if (explanations.Count > Most)
        {
            screen.WriteLine(texts.Count("Explain_More", explanations.Count - Most));
        }
    }

    private void Write(ItemExplanation explanation)
    {
        var name = explanation.Source.Concat(explanation.Target).First().DisplayTitle;
        screen.WriteLine(Paint.Bold(Texts.Clean(name), screen.HasColor));
        foreach (var item in explanation.Source)
        {
            screen.WriteLine($"  {texts.Format("Explain_Has", source, Describe(item.State), item.RatingKey.ToString())}");
        }

        foreach (var item in explanation.Target)
        {
            screen.WriteLine($"  {texts.Format("Explain_Has", target, Describe(item.State), item.RatingKey.ToString())}");
        }

        if (explanation.Match is { } match)
        {
            screen.WriteLine($"  {texts[$"Match_{match}"]}");
        }

        WriteChanges(explanation.Changes, target, source);
        WriteChanges(explanation.SourceChanges, source, target);
        if (explanation.Verdict is not (ExplanationVerdict.Changes or ExplanationVerdict.Skipped))
        {
            screen.WriteLine($"  {texts.Format($"Verdict_{explanation.Verdict}", source, target, policy)}");
        }

        if (explanation.SkipReason is { } reason)
        {
            screen.WriteLine($"  {texts.Format("Explain_Skipped", target, texts[$"Reason_{reason}"])}");
        }

        screen.WriteLine();
    }

    private void WriteChanges(IReadOnlyList<PlannedChange> changes, string user, string from)
    {
        foreach (var change in changes)
        {
            var key = $"Why_{change.Reason}";
            var reason = texts.Has(key) ? texts.Format(key, from) : change.Reason.ToString();
            screen.WriteLine($"  {texts.Format("Explain_Change", user, Describe(change.After), reason, policy)}");
        }
    }

    private string Describe(WatchState state)
    {
        List<string> parts = state.IsWatched ? [texts.Count("State_Watched", state.ViewCount)] : [];
        parts.AddRange(state.IsInProgress ? [texts.Format("State_Position", Phrases.Position(state.Position))] : []);
        parts.AddRange(state.UserRating is { } rating ? [texts.Format("State_Rated", texts.Rating(rating))] : []);
        parts.AddRange(
            state.LastViewedAt is { } date ? [texts.Format("State_Viewed", texts.Moment(date))] : []);
        return parts.Count > 0 ? string.Join(", ", parts) : texts["State_Nothing"];
    }
}
