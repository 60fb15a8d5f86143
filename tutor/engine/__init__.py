"""The proposal engine: rules, features and statistics that propose a mark for an answer. It needs no Django.

``types`` holds the data, ``proposing.propose`` makes proposals, ``seeding.seeds`` asks for the first marks. Import the
module that you need: most of them load numpy or scikit-learn, which a web process does without.
"""
