using System.Collections;

namespace PlexSync.Core.Tests.Serialization;

/// <summary>What a public value says of itself in a log or a debugger.</summary>
public sealed class TextTests
{
    private const int Longest = 400;

    [Fact]
    public void Every_public_type_says_something_of_itself_unless_it_only_works()
    {
        var mute = PublicTypes.All.Where(static type => !type.IsEnum && !typeof(Exception).IsAssignableFrom(type)
            && type.GetMethod(nameof(ToString), [])!.DeclaringType is { } owner && (owner == typeof(object) || owner == typeof(ValueType)));

        Assert.Equal(
            PublicTypes.WithoutText.Select(static type => type.Name).Order(), mute.Select(static type => type.Name).Order());
    }

    [Fact]
    public void Every_text_is_a_short_line_without_lists_and_stacks() =>
        Assert.All(PublicTypes.Data.Where(static type => !typeof(Exception).IsAssignableFrom(type)), static type =>
            Assert.All(Enumerable.Range(0, 20), seed =>
            {
                var text = new Values(seed).Make(type).ToString()!;

                Assert.InRange(text.Length, 1, Longest);
                Assert.DoesNotContain('\n', text);
                Assert.DoesNotContain("`1", text, StringComparison.Ordinal);
                Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
                Assert.DoesNotContain("PlexSync.", text, StringComparison.Ordinal);
            }));

    /// <summary>The compiler would print lists by their types, and an exception with its stack.</summary>
    [Fact]
    public void No_generated_text_would_print_a_list_or_an_exception() =>
        Assert.DoesNotContain(PublicTypes.All, static type => PublicTypes.HasGeneratedText(type) && type.GetProperties().Any(
            static property => typeof(Exception).IsAssignableFrom(property.PropertyType)
                || (property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType))));

    [Theory]
    [InlineData("0/0", "unwatched")]
    [InlineData("1/0", "watched")]
    [InlineData("3/0", "watched 3 times")]
    [InlineData("0/20", "unwatched, at 0:20:00")]
    [InlineData("2/90", "watched 2 times, at 1:30:00")]
    public void State_says_what_was_seen(string state, string text) =>
        Assert.Equal(text, Synchronization.States.Parse(state).ToString());

    [Fact]
    public void Change_says_what_becomes_of_which_item_and_why()
    {
        var change = new PlannedChange
        {
            Item = new() { RatingKey = RatingKey.Parse("42"), Type = MediaType.Movie, Title = "Dune", Year = 2021 },
            Library = LibraryKey.Parse("1"),
            Action = ChangeAction.Watched,
            After = new() { ViewCount = 1 },
            Reason = ChangeReason.SourceWatched,
        };

        Assert.Equal("Dune (2021) [42]: unwatched → watched (sourceWatched)", $"{change}");
        Assert.Equal("Dune (2021) [42]: skipped, playedNow", $"{new ChangeResult
        {
            Change = change,
            Outcome = ChangeOutcome.Skipped,
            SkipReason = SkipReason.PlayedNow,
        }}");
    }
}
