"""Schedules, penalties and clipping beside PyTorch: the same rates, losses and weights through 200 updates.

Needs PyTorch (the extra ``compare``). The largest relative difference of each comparison is recorded as the property
``relative_difference``, which ``--junitxml`` writes down.
"""

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    ConstantRate,
    CosineDecay,
    CrossEntropy,
    Dense,
    ExponentialDecay,
    Momentum,
    NAdam,
    Network,
    Normal,
    OneCycle,
    ReduceOnPlateau,
    RMSProp,
    Rules,
    Schedule,
    Softmax,
    StepDecay,
    Tanh,
    Trainer,
)

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'bplab[compare]'")
optim, schedulers = torch.optim, torch.optim.lr_scheduler
clip_value, clip_norm = torch.nn.utils.clip_grad_value_, torch.nn.utils.clip_grad_norm_

TOLERANCE = 1e-9
STEPS, PER_EPOCH = 200, 5
EPOCHS = STEPS // PER_EPOCH
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(38, 4)), np.eye(3)[RANDOM.integers(0, 3, 38)]  # batches of 8, 8, 8, 8 and 6
FAR = 20.0
"""Validation inputs are this far from the training ones, so that their loss falls, rises and stands still."""


@pytest.fixture(autouse=True)
def one_thread_and_double_by_default():
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64), torch.set_num_threads(1)
    yield
    torch.set_default_dtype(dtype), torch.set_num_threads(threads)


@pytest.fixture
def agree(request):
    """Asserts that a relative difference is small and notes it."""

    def check(found):
        request.node.user_properties.append(("relative_difference", f"{found:.2e}"))
        assert found <= TOLERANCE

    return check


def made():
    """The network of all comparisons."""
    units = ((6, Tanh()), (5, Tanh()), (3, Softmax()))
    # No bias starts at 0: clipped steps of one size would bring it back there, where nothing is relative.
    layers = [Dense(count, activation, biases=Normal(0, 0.3)) for count, activation in units]
    return Network(4, layers, CrossEntropy(), seed=4)


class Twin:
    """The network's numbers once more, in torch."""

    def __init__(self, network):
        self.weights, self.biases = (
            [torch.tensor(array.copy(), requires_grad=True) for array in arrays]
            for arrays in (network.weights, network.biases)
        )
        self.parameters = [*self.weights, *self.biases]

    def loss(self, x, y):
        a = torch.tensor(x)
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            a = torch.tanh(a @ weights + biases)
        z = a @ self.weights[-1] + self.biases[-1]
        return torch.nn.functional.cross_entropy(z, torch.tensor(y))


def difference(ours, theirs):
    """Largest difference, relative to the largest number."""
    theirs = theirs.detach().numpy()
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def worst(optimizer, make, *, schedule=None, make_scheduler=None, each="update", before_step=None, **more):
    """Largest difference in loss, rate or any weight through all the updates; ``each`` is when the scheduler steps."""
    network = made()
    twin = Twin(network)
    options = {"schedule": schedule or ConstantRate(), "epochs": EPOCHS, **more}
    trainer, beside = Trainer(network, X, Y, optimizer, 8, shuffle=False, **options), make(twin)
    scheduler = make_scheduler(beside) if make_scheduler else None
    found, losses = [], []
    for step in range(STEPS):
        rows = slice(start := step % PER_EPOCH * 8, start + 8)
        rate = beside.param_groups[0]["lr"]
        found.append(abs(trainer.learning_rate - rate) / rate)
        beside.zero_grad()
        loss = twin.loss(X[rows], Y[rows])
        loss.backward()
        if before_step:
            before_step(twin)
        beside.step()
        cost = loss.item()
        losses.append(cost * len(X[rows]))
        ended = step % PER_EPOCH == PER_EPOCH - 1
        if scheduler and each == "update":
            scheduler.step()
        elif scheduler and ended:
            monitored = {
                "epoch": (),
                "validation": (twin.loss(FAR * X, Y).item(),),
                "training": (sum(losses[-PER_EPOCH:]) / len(X),),
            }
            scheduler.step(*monitored[each])
        found.append(abs(trainer.step() - cost) / cost)
        pairs = zip([*network.weights, *network.biases], twin.parameters, strict=True)
        found += [difference(ours, theirs) for ours, theirs in pairs]
    return max(found)


def of(kind, **settings):
    """Makes a torch optimizer of all parameters in one group."""
    return lambda twin: kind(twin.parameters, **settings)


def adamw(twin):
    """Weights and biases as two groups: biases are never decayed."""
    groups = [{"params": twin.weights, "weight_decay": 0.3}, {"params": twin.biases, "weight_decay": 0.0}]
    return optim.AdamW(groups, lr=0.01)


OPTIMIZERS = {
    "sgd": (SGD(0.3), of(optim.SGD, lr=0.3)),
    "momentum": (Momentum(0.05), of(optim.SGD, lr=0.05, momentum=0.9)),
    "nesterov": (Momentum(0.05, nesterov=True), of(optim.SGD, lr=0.05, momentum=0.9, nesterov=True)),
    "adagrad": (Adagrad(0.05), of(optim.Adagrad, lr=0.05)),
    "rmsprop": (RMSProp(0.005), of(optim.RMSprop, lr=0.005)),
    "adadelta": (Adadelta(0.8), of(optim.Adadelta, lr=0.8)),
    "adam": (Adam(0.01), of(optim.Adam, lr=0.01)),
    "adamw": (AdamW(0.01, weight_decay=0.3), adamw),
    "nadam": (NAdam(0.01), of(optim.NAdam, lr=0.01)),
}


def lambda_of_epochs(factor):
    return lambda beside: schedulers.LambdaLR(beside, lambda update: factor ** (update / PER_EPOCH))


def after_warm_up(updates, make):
    """A linear rise through so many updates, then the scheduler that ``make`` gives."""

    def both(beside):
        rise = schedulers.LinearLR(beside, 1 / (updates + 1), total_iters=updates)
        return schedulers.SequentialLR(beside, [rise, make(beside)], [updates])

    return both


def whole_cycle(beside):
    """As many steps as there are updates; torch counts one more, which would be past the end."""
    scheduler = schedulers.OneCycleLR(
        beside, max_lr=beside.param_groups[0]["lr"], total_steps=STEPS, cycle_momentum=False, pct_start=0.4
    )
    step = scheduler.step
    scheduler.step = lambda: step() if scheduler.last_epoch < STEPS - 1 else None
    return scheduler


SCHEDULES = {
    "constant": (ConstantRate(), lambda beside: schedulers.ConstantLR(beside, factor=1.0), "epoch"),
    "constant after a warm-up": (
        ConstantRate(warm_up=6.0),
        lambda beside: schedulers.LinearLR(beside, 1 / 31, total_iters=30),
        "update",
    ),
    "step": (StepDecay(7, 0.5), lambda beside: schedulers.StepLR(beside, 7, 0.5), "epoch"),
    "exponential": (ExponentialDecay(0.9), lambda_of_epochs(0.9), "update"),
    "cosine": (
        CosineDecay(minimum_rate=0.002),
        lambda beside: schedulers.CosineAnnealingLR(beside, STEPS, 0.002),
        "update",
    ),
    "cosine after a warm-up": (
        CosineDecay(minimum_rate=0.002, warm_up=6.0),
        after_warm_up(30, lambda beside: schedulers.CosineAnnealingLR(beside, STEPS - 30, 0.002)),
        "update",
    ),
    "one-cycle": (OneCycle(rise=0.4), whole_cycle, "update"),
    "plateau of the validation loss": (
        ReduceOnPlateau(0.5, patience=2, threshold=0.01, cooldown=2, minimum_rate=0.01),
        lambda beside: schedulers.ReduceLROnPlateau(
            beside, factor=0.5, patience=2, threshold=0.01, cooldown=2, min_lr=0.01
        ),
        "validation",
    ),
    "plateau of the training loss": (
        ReduceOnPlateau(0.3, patience=1, threshold=0.05),
        lambda beside: schedulers.ReduceLROnPlateau(beside, factor=0.3, patience=1, threshold=0.05),
        "training",
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam"])
def test_a_schedule_makes_the_updates_that_it_makes_in_torch(optimizer, name, agree):
    ours, theirs = OPTIMIZERS[optimizer]
    schedule, make_scheduler, each = SCHEDULES[name]
    more = {"validation": (FAR * X, Y)} if each == "validation" else {}
    agree(worst(ours, theirs, schedule=schedule, make_scheduler=make_scheduler, each=each, **more))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_follows_a_moving_rate_as_in_torch(optimizer, agree):
    schedule, make_scheduler, each = SCHEDULES["cosine after a warm-up"]
    agree(worst(*OPTIMIZERS[optimizer], schedule=schedule, make_scheduler=make_scheduler, each=each))


def test_the_plateaus_compared_lower_the_rate_more_than_once():
    for name in ("plateau of the validation loss", "plateau of the training loss"):
        schedule, _, each = SCHEDULES[name]
        validation = (FAR * X, Y) if each == "validation" else None
        trainer = Trainer(made(), X, Y, SGD(0.3), 8, shuffle=False, schedule=schedule, validation=validation)
        rates = set()
        for _ in range(STEPS):
            rates.add(trainer.learning_rate)
            trainer.step()
        assert len(rates) > 2


def test_every_schedule_is_compared():
    assert {type(schedule) for schedule, _, _ in SCHEDULES.values()} == set(Schedule.members().values())


def decayed(kind, **settings):
    """Torch's own weight decay, for weights alone."""

    def make(twin):
        groups = [{"params": twin.weights, "weight_decay": 0.05}, {"params": twin.biases, "weight_decay": 0.0}]
        return kind(groups, **settings)

    return make


@pytest.mark.parametrize(
    ("optimizer", "make"),
    [
        (SGD(0.3), decayed(optim.SGD, lr=0.3)),
        (Momentum(0.05), decayed(optim.SGD, lr=0.05, momentum=0.9)),
        (Momentum(0.05, nesterov=True), decayed(optim.SGD, lr=0.05, momentum=0.9, nesterov=True)),
        (Adagrad(0.05), decayed(optim.Adagrad, lr=0.05)),
        (RMSProp(0.005), decayed(optim.RMSprop, lr=0.005)),
        (Adadelta(0.8), decayed(optim.Adadelta, lr=0.8)),
        (Adam(0.01), decayed(optim.Adam, lr=0.01)),
        (NAdam(0.01), decayed(optim.NAdam, lr=0.01)),
    ],
    ids=lambda it: it.title() if hasattr(it, "title") else "",
)
def test_l2_is_what_torch_calls_weight_decay(optimizer, make, agree):
    agree(worst(optimizer, make, rules=Rules(l2=0.05)))


def add_l1(twin):
    for weights in twin.weights:
        weights.grad += 0.004 * torch.sign(weights.detach())


CLIPPING = {
    "l1": (Rules(l1=0.004), add_l1),
    "by value": (Rules(clip_value=0.03), lambda twin: clip_value(twin.parameters, 0.03)),
    "by norm": (Rules(clip_norm=0.1), lambda twin: clip_norm(twin.parameters, 0.1)),
    "by norm, seldom": (Rules(clip_norm=0.5), lambda twin: clip_norm(twin.parameters, 0.5)),
}


@pytest.mark.parametrize("name", CLIPPING)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_l1_and_clipping_change_the_gradient_as_in_torch(optimizer, name, agree):
    rules, before_step = CLIPPING[name]
    agree(worst(*OPTIMIZERS[optimizer], rules=rules, before_step=before_step))


def test_clipping_comes_before_weight_decay_as_in_torch(agree):
    def clip(twin):
        clip_value(twin.parameters, 0.05)
        clip_norm(twin.parameters, 0.1)

    rules = Rules(l2=0.05, clip_value=0.05, clip_norm=0.1)
    agree(worst(Momentum(0.05), decayed(optim.SGD, lr=0.05, momentum=0.9), rules=rules, before_step=clip))
