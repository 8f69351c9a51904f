using static PlexSync.ChangeState;

namespace PlexSync;

/// <summary>How far a change has come.</summary>
internal enum ChangeState
{
    /// <summary>It is to be done, and the store does not say that it is being sent.</summary>
    Pending,

    /// <summary>A killed run did not come to it, and it is left to the next plan.</summary>
    Untried,

    /// <summary>The store says that it is being sent; its next write may be sent.</summary>
    Announced,

    /// <summary>A write was sent, and may take effect from here on.</summary>
    Sent,

    /// <summary>An answer is lost; only reading tells what the write did.</summary>
    Lost,

    /// <summary>A killed run had announced it, a read shows that it took no effect, and it is left to the next plan.</summary>
    Withdrawn,

    /// <summary>What was sent may have taken effect; nothing more is sent.</summary>
    InDoubt,

    /// <summary>
    /// What was sent may have taken effect, and the item is out of sight or was changed by the user since: nothing more is done.
    /// </summary>
    Theirs,

    /// <summary>The server accepted all of it.</summary>
    Written,

    /// <summary>A read has shown the item as planned since.</summary>
    Verified,

    /// <summary>The server accepted all of it, and does not show it.</summary>
    NotKept,

    /// <summary>Left out on purpose, before any of it was done.</summary>
    Skipped,

    /// <summary>Refused, or no longer possible after it was begun.</summary>
    Failed,
}

/// <summary>Which state follows which, and what the report calls it.</summary>
internal static class ChangeStates
{
    public static bool CanBecome(this ChangeState state, ChangeState next) => Array.IndexOf(After(state), next) >= 0;

    public static ChangeOutcome ToOutcome(this ChangeState state) => state switch
    {
        Written or Verified or NotKept => ChangeOutcome.Applied,
        Lost or InDoubt or Theirs => ChangeOutcome.Unknown,
        Skipped => ChangeOutcome.Skipped,
        Failed => ChangeOutcome.Failed,
        _ => ChangeOutcome.Planned,
    };

    /// <summary>The whole table: nothing is sent that was not announced, and only a read leads from a lost answer on.</summary>
    private static ChangeState[] After(ChangeState state) => state switch
    {
        Pending => [Announced, Written, Verified, Skipped, Failed],
        Announced => [Announced, Sent, Written, Verified, Skipped, Failed],
        Sent => [Announced, Written, Lost, InDoubt, Failed],
        Lost => [Pending, Announced, Verified, Withdrawn, InDoubt, Theirs],
        InDoubt => [Lost, InDoubt, Verified, Failed],
        Written => [Written, Verified, NotKept, Failed],
        Verified => [Written, Verified, NotKept, Failed],
        NotKept => [Lost, Failed],
        Failed => [Failed, Skipped],
        Untried or Withdrawn or Theirs or Skipped or _ => [],
    };
}
