from gateway.registry.signing.profiles import SECRET_FIELDS
from gateway.registry.signing.schemas import SigningSettings
from gateway.registry.signing.service import SigningOrder


def signing_order(system: str, stage: str, settings: SigningSettings) -> SigningOrder:
    """What a body asks for; the secret apart from what may be shown."""
    parameters: dict[str, str] = settings.model_dump(exclude={"profile"}, exclude_none=True)
    secret = parameters.pop(SECRET_FIELDS.get(settings.profile, ""), None)
    return SigningOrder(system, stage, settings.profile, parameters, secret)
