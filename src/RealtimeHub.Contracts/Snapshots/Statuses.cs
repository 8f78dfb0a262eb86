namespace RealtimeHub.Contracts;

/// <summary>Where a run is in its life.</summary>
public enum RunStatus
{
    /// <summary>The agent has not taken it up.</summary>
    Requested,

    /// <summary>The agent is at work.</summary>
    Running,

    /// <summary>It waits for an approval or an input.</summary>
    Waiting,

    /// <summary>It did what it was asked.</summary>
    Completed,

    /// <summary>It could not.</summary>
    Failed,

    /// <summary>It was stopped.</summary>
    Cancelled,
}

/// <summary>Where a message is in its life.</summary>
public enum MessageStatus
{
    /// <summary>Its text is still being written.</summary>
    Open,

    /// <summary>It is whole.</summary>
    Completed,

    /// <summary>Its run ended before it was whole.</summary>
    Incomplete,
}

/// <summary>How a tool call went.</summary>
public enum ToolCallStatus
{
    /// <summary>It has not answered.</summary>
    Open,

    /// <summary>It answered.</summary>
    Completed,

    /// <summary>It answered with an error.</summary>
    Failed,

    /// <summary>The run ended before it answered.</summary>
    Incomplete,
}

/// <summary>Where a step of a run is.</summary>
public enum RunStepStatus
{
    /// <summary>The agent is at it.</summary>
    Running,

    /// <summary>It is done.</summary>
    Completed,
}
