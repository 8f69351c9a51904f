namespace PlexSync;

/// <content>Plans as files.</content>
public sealed partial record SyncPlan
{
    /// <summary>Reads a plan, or several that were written together, as <see cref="ReadAsync"/> does.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static Task<IReadOnlyList<SyncPlan>> ReadAllAsync(Stream input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return PlanFile.ReadAllAsync(input, cancellationToken);
    }

    /// <summary>Writes plans that belong together as one JSON document; a single one as <see cref="WriteAsync"/> does.</summary>
    /// <param name="plans">The plans, one at least.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    public static Task WriteAllAsync(IReadOnlyList<SyncPlan> plans, Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentOutOfRangeException.ThrowIfZero(plans.Count, nameof(plans));
        ArgumentNullException.ThrowIfNull(output);
        return PlanFile.WriteAllAsync(plans, output, cancellationToken);
    }

    /// <summary>Reads a plan from JSON (<c>docs/plan-format.md</c>), whole and checked.</summary>
    /// <param name="input">Where it is; left open.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.InvalidFile"/> when it is cut or no plan, <see cref="PlexErrorKind.UnsupportedVersion"/> when a newer
    /// version wrote it, <see cref="PlexErrorKind.InvalidPlan"/> when it contradicts itself.
    /// </exception>
    public static Task<SyncPlan> ReadAsync(Stream input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return PlanFile.ReadAsync(input, cancellationToken);
    }

    /// <summary>Writes the plan as JSON (<c>docs/plan-format.md</c>): indented, in stable order, without secrets.</summary>
    /// <param name="output">Where to; left open.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    public Task WriteAsync(Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return PlanFile.WriteAsync(this, output, cancellationToken);
    }

    /// <summary>Refuses a plan that contradicts itself. One that a synchronizer made in this process is known not to.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.InvalidPlan"/>.</exception>
    internal void RequireSense()
    {
        if (Origin is null)
        {
            PlanFile.RequireSense(this);
        }
    }
}
