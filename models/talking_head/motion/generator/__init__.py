"""A generator of facial motion from published results: what the motion network is trained on.

`visemes` shapes speech, `emotions` the action units of emotions and their dynamics, `life` blinks, gaze, head and breath,
`session` puts them together for a stretch of real speech. All of it is vectorised numpy, seeded by a `numpy.random.Generator`.
"""
